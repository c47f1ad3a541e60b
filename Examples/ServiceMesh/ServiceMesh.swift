#if Tracing
  import ExampleSupport
  import InMemoryTracing
  import Tracing
  import ZeroRPC

  @main
  struct ServiceMesh {
    static func main() async {
      await runExample {
        let tracer = W3CTracer()
        // Before clients and servers are made, as a program does at its start.
        InstrumentationSystem.bootstrap(tracer)

        let stock = MyStock()
        let stockServer = RPCServer(services: [stock])
        let stockEndpoint = try await stockServer.bind("tcp://127.0.0.1:*")
        let servingStock = Task { try await stockServer.run() }

        try await withPythonService("python/pricing.py", arguments: [stockEndpoint]) { pricingEndpoint in
          try await withRPCClient(connectingTo: pricingEndpoint) { pricing in
            let shopServer = RPCServer(services: [MyShop(pricing: PricingClient(pricing))])
            let shopEndpoint = try await shopServer.bind("tcp://127.0.0.1:*")
            let servingShop = Task { try await shopServer.run() }
            try await withRPCClient(connectingTo: shopEndpoint) { client in
              let shop = ShopClient(client)
              try await oneTrace(shop, PricingClient(pricing), stock, tracer.memory)
              try await oneDeadline(shop, stock)
            }
            shopServer.beginGracefulShutdown()
            try await servingShop.value
          }
        }
        stockServer.beginGracefulShutdown()
        try await servingStock.value
      }
    }

    /// A call through all three services is one trace, Python's span included, and one deadline.
    static func oneTrace(
      _ shop: ShopClient, _ pricing: PricingClient, _ stock: MyStock, _ memory: InMemoryTracer
    ) async throws {
      let price = try await withRPCTimeout(.seconds(30)) { try await shop.quote("bolt", count: 12) }
      print("12 bolts cost \(price)")
      try expect(price == 2.7, "12 bolts at 0.25, 10 % off, are 2.7")

      // A server's span ends a moment after its answer has left.
      try await waitUntil { memory.finishedSpans.count >= 4 }
      let own = memory.finishedSpans
      guard let root = own.first(where: { $0.parentSpanID == nil }) else {
        throw Unexpected(description: "there should be a span without a parent")
      }
      let others = try await pricing.spans(root.traceID)
      let trace =
        own.map {
          TraceTree.Span(id: $0.spanID, parent: $0.parentSpanID, text: "\($0.operationName) (\($0.kind), Swift)")
        }
        + others.map { TraceTree.Span(id: $0.span, parent: $0.parent, text: "\($0.name) (server, Python)") }
      let tree = TraceTree(trace)
      print("trace \(root.traceID)")
      print(tree.lines.map { "  " + $0 }.joined(separator: "\n"))
      try expect(Set(own.map(\.traceID)) == [root.traceID], "all spans should be of one trace")
      let expected = [
        "quote (client, Swift)",
        "  quote (server, Swift)",
        "    price (client, Swift)",
        "      price (server, Python)",
        "        available (server, Swift)",
      ]
      try expect(tree.lines == expected, "each span should be the child of the one that caused it")

      guard case .some(.some(let left)) = await stock.remainingTimes.last else {
        throw Unexpected(description: "the deadline should have reached the stock")
      }
      print("the stock had \(left) left")
      try expect(left > .zero && left <= .seconds(30), "the stock should have had what remained of 30 seconds")
    }

    /// When the time is over, the caller is told, and the last service in the chain stops searching.
    static func oneDeadline(_ shop: ShopClient, _ stock: MyStock) async throws {
      do {
        let price = try await withRPCTimeout(.seconds(1)) { try await shop.quote("anvil", count: 1) }
        throw Unexpected(description: "an anvil cannot cost \(price): nobody finds it")
      } catch let error as RPCError where error.code == .timeout {
        print("no price for an anvil in a second")
      }
      try await waitUntil { await stock.cancellations == 1 }
      print("the search for it was called off")
    }
  }
#else
  @main
  struct ServiceMesh {
    static func main() { print("this example needs the package trait Tracing, which is on by default") }
  }
#endif
