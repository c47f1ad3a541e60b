@_exported public import MessagePack
