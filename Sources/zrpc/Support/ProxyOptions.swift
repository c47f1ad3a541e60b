internal import ArgumentParser
internal import ZeroMQ

/// Says what a proxy binds and connects.
struct ProxyOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Where clients come in; binds, unless written +ENDPOINT. May repeat.", valueName: "endpoint"))
  var frontend: [String] = []

  @Option(help: ArgumentHelp("As --frontend, but connects.", valueName: "endpoint"))
  var frontendConnect: [String] = []

  @Option(
    help: ArgumentHelp("Where servers are; connects, unless written @ENDPOINT. May repeat.", valueName: "endpoint"))
  var backend: [String] = []

  @Option(help: ArgumentHelp("As --backend, but binds, for workers that connect.", valueName: "endpoint"))
  var backendBind: [String] = []

  @Option(
    help: ArgumentHelp(
      "Where a copy of every message goes, both ways; binds, unless written +ENDPOINT.", valueName: "endpoint"))
  var capture: String?

  @Option(help: "The type of the capture socket: pub drops what nobody reads, push and pair hold the proxy instead.")
  var captureType: CaptureType = .pub

  @Option(help: ArgumentHelp("Where commands come in; binds, unless written +ENDPOINT.", valueName: "endpoint"))
  var control: String?

  @Option(help: "The type of the control socket.")
  var controlType: ControlType = .rep

  enum CaptureType: String, ExpressibleByArgument, CaseIterable { case pub, push, pair }
  enum ControlType: String, ExpressibleByArgument, CaseIterable { case rep, pair, pull, sub }

  /// Is an endpoint with the side that it is on.
  struct Attachment: Equatable {
    var binds: Bool
    var endpoint: String

    /// Reads an endpoint, whose first character may say what to do with it.
    init(_ text: String, binds: Bool) {
      switch text.first {
      case "@": (self.binds, endpoint) = (true, String(text.dropFirst()))
      case "+", ">": (self.binds, endpoint) = (false, String(text.dropFirst()))
      default: (self.binds, endpoint) = (binds, text)
      }
    }
  }

  var frontends: [Attachment] {
    frontend.map { Attachment($0, binds: true) } + frontendConnect.map { Attachment($0, binds: false) }
  }

  var backends: [Attachment] {
    backend.map { Attachment($0, binds: false) } + backendBind.map { Attachment($0, binds: true) }
  }

  func validate() throws {
    if frontends.isEmpty { throw ValidationError("a proxy needs a frontend: give --frontend or --frontend-connect") }
    if backends.isEmpty { throw ValidationError("a proxy needs a backend: give --backend or --backend-bind") }
  }

  /// Runs a proxy, and ends as the command line should when it fails.
  ///
  /// - Throws: `ExitCode`, after the reason has been printed.
  func run(_ kind: ZMQProxy.Kind) async throws {
    do {
      DescriptorLimit.raise()
      let proxy = try ZMQProxy(kind, configuration: configuration)
      // The backend first: who comes in finds the way open.
      try attach(proxy.backend, backends, "backend")
      if let side = proxy.capture, let capture { try attach(side, [Attachment(capture, binds: true)], "capture") }
      if let side = proxy.control, let control { try attach(side, [Attachment(control, binds: true)], "control") }
      try attach(proxy.frontend, frontends, "frontend")
      try await Interruption.stopping(by: { proxy.terminate() }) { try await proxy.run() }
    } catch {
      try Failure.end(with: error)
    }
  }

  private var configuration: ZMQProxy.Configuration {
    var configuration = ZMQProxy.Configuration()
    configuration.frontend.keepAlive = .init()
    configuration.backend.keepAlive = .init()
    if capture != nil {
      configuration.capture =
        switch captureType {
        case .pub: .publish
        case .push: .push
        case .pair: .pair
        }
    }
    if control != nil {
      configuration.control =
        switch controlType {
        case .rep: .reply
        case .pair: .pair
        case .pull: .pull
        case .sub: .subscribe
        }
    }
    return configuration
  }

  private func attach(_ side: ZMQProxySide, _ attachments: [Attachment], _ name: String) throws {
    for attachment in attachments {
      if attachment.binds {
        try StandardOutput.write(line: "\(name) listens at \(try side.bind(attachment.endpoint))")
      } else {
        try side.connect(attachment.endpoint)
        try StandardOutput.write(line: "\(name) connects to \(attachment.endpoint)")
      }
    }
  }
}
