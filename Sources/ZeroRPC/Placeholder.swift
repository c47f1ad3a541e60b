// ZeroRPC
