#if os(Linux)
  internal import CZeroMQ
  #if canImport(Glibc)
    internal import Glibc
  #elseif canImport(Musl)
    internal import Musl
  #endif

  // Functions of the system under names that members of a type do not hide, and constants that one C library declares as
  // enumerations and the other as numbers.

  #if canImport(Glibc)
    private let streamSocket = Int32(SOCK_STREAM.rawValue)
    private let socketFlags = Int32(SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
  #else
    private let streamSocket = SOCK_STREAM
    private let socketFlags = SOCK_NONBLOCK | SOCK_CLOEXEC
  #endif

  /// Opens a stream socket that does not block and is not inherited.
  func openStreamSocket(_ family: Int32) -> Int32 { socket(family, streamSocket | socketFlags, 0) }

  func acceptDescriptor(_ listener: Int32) -> Int32 { zrpc_accept(listener, nil, nil, socketFlags) }

  func closeDescriptor(_ descriptor: Int32) { _ = close(descriptor) }

  /// Ends a connection both ways; what has arrived can still be read.
  func shutDescriptor(_ descriptor: Int32) { _ = shutdown(descriptor, Int32(SHUT_RDWR)) }

  func readDescriptor(_ descriptor: Int32, _ bytes: UnsafeMutableRawBufferPointer) -> Int {
    recv(descriptor, bytes.baseAddress, bytes.count, 0)
  }

  /// Sends without a signal for a connection that the peer has closed.
  @inline(__always)
  func sendBytes(_ descriptor: Int32, _ bytes: UnsafeRawPointer, _ count: Int) -> Int {
    send(descriptor, bytes, count, Int32(MSG_NOSIGNAL))
  }

  func sendPieces(_ descriptor: Int32, _ pieces: UnsafeMutableBufferPointer<iovec>, _ count: Int) -> Int {
    var message = msghdr()
    message.msg_iov = pieces.baseAddress
    message.msg_iovlen = numericCast(count)
    return sendmsg(descriptor, &message, Int32(MSG_NOSIGNAL))
  }

  func bindDescriptor(_ descriptor: Int32, _ address: ZMTPAddress) -> Bool {
    address.withAddress { bind(descriptor, $0, $1) } == 0
  }

  func connectDescriptor(_ descriptor: Int32, _ address: ZMTPAddress) -> Bool {
    address.withAddress { connect(descriptor, $0, $1) } == 0
  }

  /// Looks for the address that a name stands for.
  func resolveName(_ name: String, port: UInt16) -> ZMTPAddress? {
    var hints = addrinfo()
    hints.ai_socktype = streamSocket
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, String(port), &hints, &list) == 0 else { return nil }
    defer { freeaddrinfo(list) }
    let found = sequence(first: list, next: { $0?.pointee.ai_next }).compactMap { $0?.pointee }
    // As libzmq does, which takes the older protocol unless it is told otherwise.
    guard let chosen = found.first(where: { $0.ai_family == AF_INET }) ?? found.first, let address = chosen.ai_addr
    else { return nil }
    return ZMTPAddress(address, length: chosen.ai_addrlen)
  }

  /// Settings of a connection: small writes are not held back, and one whose other end has vanished is noticed in the end.
  func prepareTCP(_ descriptor: Int32) {
    setOption(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    setOption(descriptor, SOL_SOCKET, SO_KEEPALIVE, 1)
  }

  func setOption(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }
#endif
