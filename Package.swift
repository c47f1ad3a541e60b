// swift-tools-version: 6.2
import Foundation
import PackageDescription

// The C library of MessagePack is `msgpackc` on Debian 12 and `msgpack-c` on newer distributions and in Homebrew.
let messagePackLibrary: String = {
  let directories = [
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64", "/usr/lib", "/usr/local/lib",
    "/opt/homebrew/lib",
  ]
  let names = ["msgpackc", "msgpack-c"]
  for directory in directories {
    for name in names {
      for suffix in ["so", "dylib", "a"]
      where FileManager.default.fileExists(atPath: "\(directory)/lib\(name).\(suffix)") {
        return name
      }
    }
  }
  #if os(Linux)
    return "msgpackc"
  #else
    return "msgpack-c"
  #endif
}()

// On Linux the headers are on the default path, and a `pkgConfig:` line would print a warning on every build.
#if os(Linux)
  let zeroMQConfig: String? = nil
  let messagePackConfig: String? = nil
#else
  let zeroMQConfig: String? = "libzmq"
  let messagePackConfig: String? = "msgpack-c"
#endif

var settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]
// Set by the Makefile and CI. Never on by default: a newer compiler's new warning must not break a user's build.
if Context.environment["ZERORPC_STRICT"] == "1" {
  settings.append(.treatAllWarnings(as: .error))
}

@MainActor func example(
  _ name: String, in folder: String, hasService: Bool = false, with products: [Target.Dependency] = [],
  hasPython: Bool = false
) -> Target {
  .executableTarget(
    name: name,
    dependencies: ["ExampleSupport", "ZeroMQ"] + (hasService ? ["ZeroRPC"] : []) + products,
    path: "Examples/\(folder)",
    exclude: ["README.md"] + (hasPython ? ["python"] : []),
    swiftSettings: settings,
    plugins: hasService ? ["ZeroRPCGenerator"] : [])
}

let package = Package(
  name: "swift-zerorpc",
  platforms: [.macOS(.v15), .iOS(.v18), .tvOS(.v18), .watchOS(.v11), .visionOS(.v2)],
  products: [
    .library(name: "ZeroRPC", targets: ["ZeroRPC"]),
    .library(name: "ZeroRPCBroker", targets: ["ZeroRPCBroker"]),
    .library(name: "ZeroRPCTesting", targets: ["ZeroRPCTesting"]),
    .library(name: "ZeroMQ", targets: ["ZeroMQ"]),
    .library(name: "MessagePack", targets: ["MessagePack"]),
    .executable(name: "zrpc", targets: ["zrpc"]),
    .plugin(name: "ZeroRPCGenerator", targets: ["ZeroRPCGenerator"]),
    .plugin(name: "GenerateZeroRPCCode", targets: ["GenerateZeroRPCCode"]),
    .plugin(name: "CheckZeroRPCContracts", targets: ["CheckZeroRPCContracts"]),
  ],
  // What connects to the rest of the ecosystem; a package that wants less names the traits that it wants.
  traits: [
    .default(enabledTraits: ["Metrics", "Tracing", "ServiceLifecycle", "Configuration"]),
    .trait(name: "Metrics", description: "Reports calls to swift-metrics."),
    .trait(name: "Tracing", description: "Reports calls to swift-distributed-tracing, and carries its context."),
    .trait(name: "ServiceLifecycle", description: "Makes clients and servers services of swift-service-lifecycle."),
    .trait(name: "Configuration", description: "Reads configurations by swift-configuration."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-log.git", from: "1.16.0"),
    .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.0"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0", traits: []),
    .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.5.0"),
    .package(url: "https://github.com/swiftlang/swift-syntax.git", "600.0.1"..<"604.0.0"),
  ],
  targets: [
    .systemLibrary(
      name: "CZeroMQ", pkgConfig: zeroMQConfig, providers: [.apt(["libzmq3-dev"]), .brew(["zeromq"])]),
    .systemLibrary(
      name: "CMessagePack", pkgConfig: messagePackConfig, providers: [.apt(["libmsgpack-dev"]), .brew(["msgpack"])]),
    .target(
      name: "MessagePack",
      dependencies: ["CMessagePack"],
      swiftSettings: settings,
      linkerSettings: [.linkedLibrary(messagePackLibrary)]
    ),
    .testTarget(name: "MessagePackTests", dependencies: ["MessagePack"], swiftSettings: settings),
    .target(
      name: "ZeroMQ",
      dependencies: [
        "CZeroMQ", .product(name: "Logging", package: "swift-log"),
        .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle",
          condition: .when(traits: ["ServiceLifecycle"])),
      ],
      swiftSettings: settings
    ),
    .target(
      name: "ZeroRPC",
      dependencies: [
        "MessagePack", "ZeroMQ", .product(name: "Logging", package: "swift-log"),
        .product(name: "Metrics", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
        .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
        .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle",
          condition: .when(traits: ["ServiceLifecycle"])),
        .product(name: "Configuration", package: "swift-configuration", condition: .when(traits: ["Configuration"])),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ZeroMQTests",
      dependencies: ["ZeroRPC", "ZeroMQ", "CZeroMQ", "TestSupport", .product(name: "Logging", package: "swift-log")],
      exclude: ["Peers"],
      swiftSettings: settings),
    .target(
      name: "ZeroRPCBroker",
      dependencies: [
        "ZeroRPC", "MessagePack", "ZeroMQ", "CZeroMQ", .product(name: "Logging", package: "swift-log"),
        .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle",
          condition: .when(traits: ["ServiceLifecycle"])),
        .product(name: "Configuration", package: "swift-configuration", condition: .when(traits: ["Configuration"])),
      ],
      swiftSettings: settings
    ),
    .target(name: "ZeroRPCTesting", dependencies: ["ZeroRPC", "MessagePack", "ZeroMQ"], swiftSettings: settings),
    .testTarget(
      name: "ZeroRPCBrokerTests",
      dependencies: ["ZeroRPCBroker", "ZeroRPC", "MessagePack", "ZeroMQ", "TestSupport"],
      swiftSettings: settings),
    .testTarget(
      name: "ZeroRPCTests",
      dependencies: [
        "ZeroRPC", "ZeroRPCTesting", "MessagePack", "ZeroMQ", "TestSupport",
        .product(name: "Logging", package: "swift-log"),
        .product(name: "InMemoryLogging", package: "swift-log"),
        .product(name: "MetricsTestKit", package: "swift-metrics", condition: .when(traits: ["Metrics"])),
        .product(
          name: "InMemoryTracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
        .product(
          name: "ServiceLifecycleTestKit", package: "swift-service-lifecycle",
          condition: .when(traits: ["ServiceLifecycle"])),
        .product(name: "Configuration", package: "swift-configuration", condition: .when(traits: ["Configuration"])),
      ],
      swiftSettings: settings),
    .testTarget(
      name: "InteropTests",
      dependencies: [
        "ZeroRPC", "MessagePack", "ZeroMQ", "TestSupport",
        .product(
          name: "InMemoryTracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ],
      exclude: ["Peers"],
      swiftSettings: settings),
    // The service, the harness and the raw peers that the test targets share.
    .target(
      name: "TestSupport",
      dependencies: [
        "ZeroRPC", "ZeroRPCTesting", "MessagePack", "ZeroMQ",
        .product(
          name: "InMemoryTracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ],
      path: "Tests/Support",
      swiftSettings: settings,
      plugins: ["ZeroRPCGenerator"]
    ),
    // Injects faults into running servers and clients: `make reliability` and `make soak`.
    .executableTarget(
      name: "zerorpc-reliability",
      dependencies: ["ZeroRPC", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Tests/Reliability",
      swiftSettings: settings),
    // The programs of Swift in the public test suite zerorpc-crosstests.
    .executableTarget(
      name: "crosstest-server", dependencies: ["ZeroRPC"], path: "Tests/CrossTests/Server", swiftSettings: settings,
      plugins: ["ZeroRPCGenerator"]),
    .executableTarget(
      name: "crosstest-client", dependencies: ["ZeroRPC"], path: "Tests/CrossTests/Client", swiftSettings: settings),
    .executableTarget(
      name: "calculator",
      dependencies: ["ZeroRPC", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Examples/Calculator",
      exclude: ["python", "story.sh"],
      swiftSettings: settings,
      plugins: ["ZeroRPCGenerator"]
    ),
    // Small programs that show a pattern and check themselves; scripts/check-examples runs them.
    .target(name: "ExampleSupport", path: "Examples/Support", swiftSettings: settings),
    example("hello-world", in: "HelloWorld", hasService: true),
    example("chat", in: "Chat", hasService: true),
    example("image-pipeline", in: "ImagePipeline", hasService: true),
    example(
      "service-mesh", in: "ServiceMesh", hasService: true,
      with: [
        .product(name: "Tracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
        .product(name: "InMemoryTracing", package: "swift-distributed-tracing", condition: .when(traits: ["Tracing"])),
      ], hasPython: true),
    example("model-server", in: "ModelServer", hasService: true, hasPython: true),
    example(
      "todo", in: "TodoTool", hasService: true,
      with: [.product(name: "ArgumentParser", package: "swift-argument-parser")]),
    example("worker-pool", in: "WorkerPool", hasService: true),
    example("pipeline", in: "Pipeline", hasService: true),
    example("weather-server", in: "WeatherServer"),
    example("envelope-pubsub", in: "EnvelopePubSub"),
    example("last-value-cache", in: "LastValueCache"),
    example("suicidal-snail", in: "SuicidalSnail"),
    example("binary-star", in: "BinaryStar", hasService: true),
    .executableTarget(
      name: "zrpc",
      dependencies: [
        "ZeroRPC", "ZeroRPCBroker", "ZeroRPCCodeGen", "ZeroMQ", "BenchmarkSupport",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Logging", package: "swift-log"),
      ],
      swiftSettings: settings
    ),
    .testTarget(
      name: "ZrpcTests",
      dependencies: ["zrpc", "ZeroRPC", "ZeroMQ", "MessagePack", "BenchmarkSupport", "TestSupport"],
      exclude: ["Peers"],
      swiftSettings: settings,
      plugins: ["ZeroRPCGenerator"]),
    .target(name: "ZeroRPCCodeGen", swiftSettings: settings),
    .executableTarget(
      name: "zerorpc-generator",
      dependencies: [
        "ZeroRPCCodeGen",
        .product(name: "SwiftSyntax", package: "swift-syntax"),
        .product(name: "SwiftParser", package: "swift-syntax"),
      ],
      swiftSettings: settings
    ),
    // Runs the built generator instead of depending on it: linking the parser into a test would build it once more.
    .testTarget(
      name: "ZeroRPCCodeGenTests",
      dependencies: ["ZeroRPCCodeGen"],
      exclude: ["Golden", "Python/round_trip.py", "Python/wrong_types.py"],
      swiftSettings: settings
    ),
    .plugin(name: "ZeroRPCGenerator", capability: .buildTool(), dependencies: ["zerorpc-generator"]),
    .plugin(
      name: "GenerateZeroRPCCode",
      capability: .command(
        intent: .custom(
          verb: "generate-zerorpc-code",
          description: "Writes the client and the server glue of a target's RPC services into its directory."),
        permissions: [.writeToPackageDirectory(reason: "The generated code is committed with the package.")]
      ),
      dependencies: ["zerorpc-generator"]
    ),
    // Checking only reads, so that CI needs no permission; recording asks for it by SwiftPM's option.
    .plugin(
      name: "CheckZeroRPCContracts",
      capability: .command(
        intent: .custom(
          verb: "zerorpc-check",
          description: "Compares the contracts of RPC services with those that are recorded in Contracts.")),
      dependencies: ["zerorpc-generator"]
    ),
    // Benchmarks/README.md says what each of these is.
    .executableTarget(
      name: "zerorpc-bench-floor",
      path: "Benchmarks/Floor",
      linkerSettings: [.linkedLibrary("zmq"), .linkedLibrary("m")]
    ),
    .target(name: "BenchmarkSupport", path: "Benchmarks/Support", swiftSettings: settings),
    .executableTarget(
      name: "zerorpc-bench",
      dependencies: ["BenchmarkSupport", .product(name: "ArgumentParser", package: "swift-argument-parser")],
      path: "Benchmarks/Driver",
      swiftSettings: settings
    ),
    // Its generated code is committed, so that a release build needs no generator.
    .executableTarget(
      name: "zerorpc-bench-subject",
      dependencies: ["BenchmarkSupport", "CZeroMQ", "ZeroMQ", "ZeroRPC"],
      path: "Benchmarks/Subject",
      swiftSettings: settings
    ),
    .testTarget(name: "BenchmarkSupportTests", dependencies: ["BenchmarkSupport"], swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)

// SwiftPM builds the tools of all build plugins before any product, so with them a release build of a benchmark would wait
// for swift-syntax to be optimised, up to ten minutes. The benchmark commits its generated code and does without.
if Context.environment["ZERORPC_WITHOUT_GENERATOR"] == "1" {
  package.targets.removeAll { !($0.plugins ?? []).isEmpty || $0.type == .test || $0.name == "zerorpc-generator" }
  package.targets.removeAll { $0.type == .plugin }
  package.products.removeAll { $0 is Product.Plugin }
}
