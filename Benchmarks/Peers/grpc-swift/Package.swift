// swift-tools-version: 6.2
import PackageDescription

// A package of its own: users of swift-zerorpc shall not resolve gRPC.
let settings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

let package = Package(
  name: "grpc-swift-peer",
  platforms: [.macOS(.v15)],
  dependencies: [
    .package(url: "https://github.com/grpc/grpc-swift-2.git", from: "2.4.0"),
    .package(url: "https://github.com/grpc/grpc-swift-nio-transport.git", from: "2.9.0"),
  ],
  targets: [
    // A link to Benchmarks/Support, so that this peer measures exactly as the project's own subject does.
    .target(name: "BenchmarkSupport", swiftSettings: settings),
    .executableTarget(
      name: "grpc-swift-peer",
      dependencies: [
        "BenchmarkSupport",
        .product(name: "GRPCCore", package: "grpc-swift-2"),
        .product(name: "GRPCNIOTransportHTTP2", package: "grpc-swift-nio-transport"),
      ],
      path: "Sources/Peer",
      swiftSettings: settings
    ),
  ],
  swiftLanguageModes: [.v6]
)
