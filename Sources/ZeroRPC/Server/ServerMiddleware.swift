/// Holds what stands around the handlers of a server.
struct ServerMiddleware: Sendable {
  let interceptors: [any RPCServerInterceptor]
  let propagators: [any RPCContextPropagator]
  let errorTypes: [RPCErrorType]

  init(_ configuration: RPCServerConfiguration) {
    interceptors = configuration.interceptors
    propagators = configuration.propagators
    errorTypes = configuration.errorTypes
  }
}
