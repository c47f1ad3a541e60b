import Testing

@testable import zrpc

/// Docstrings of the three usual styles.
@Suite struct DocumentationReaderTests {
  typealias Entry = DocumentationReader.Entry

  @Test func sphinx() {
    let reader = DocumentationReader(
      """
      Cools.

      :param float degrees: how cold,
          in the end
      :param name: whose
      :type name: str or None
      :returns: the time
      :rtype: int
      """)
    #expect(reader.body == ["Cools."])
    #expect(
      reader.parameters == [
        Entry(name: "degrees", type: "float", text: "how cold, in the end"),
        Entry(name: "name", type: "str or None", text: "whose"),
      ])
    #expect(reader.result == Entry(name: "", type: "int", text: "the time"))
    #expect(!reader.saysStream)
  }

  @Test func google() {
    let reader = DocumentationReader(
      """
      Cools.

      Args:
          degrees (float): how cold
          names (dict[str, int], optional): whose,
              each with a number

      Raises:
          ValueError: when it is cold

      Yields:
          str: lines
      """)
    #expect(reader.body == ["Cools.", "", "Raises:", "    ValueError: when it is cold"])
    #expect(
      reader.parameters == [
        Entry(name: "degrees", type: "float", text: "how cold"),
        Entry(name: "names", type: "dict[str, int], optional", text: "whose, each with a number"),
      ])
    #expect(reader.item == Entry(name: "", type: "str", text: "lines"))
    #expect(reader.saysStream)
  }

  @Test func numPy() {
    let reader = DocumentationReader(
      """
      Cools.

      Parameters
      ----------
      degrees : float
          how cold
      name

      Returns
      -------
      list of int
          times
      """)
    #expect(reader.body == ["Cools."])
    #expect(
      reader.parameters == [
        Entry(name: "degrees", type: "float", text: "how cold"), Entry(name: "name", type: nil, text: ""),
      ])
    #expect(reader.result == Entry(name: "", type: "list of int", text: "times"))
  }

  @Test(arguments: [
    ("Streams lines.", true), ("A generator of numbers.", true), ("Yields one number after the other", true),
    ("Goes upstream.", false), ("", false), (":returns: an iterator", true), (":rtype: Iterator[int]", true),
  ])
  func saysStream(text: String, says: Bool) {
    #expect(DocumentationReader(text).saysStream == says)
  }

  @Test(
    arguments: [
      ("int", "Int"), ("str", "String"), ("float or None", "Double?"), ("Optional[bytes]", "Data?"),
      ("number", "Double"),
      ("list", "[MessagePackValue]"), ("List[str]", "[String]"), ("list of ints", "[Int]"),
      ("dict", "[String: MessagePackValue]"),
      ("dict[str, list[int]]", "[String: [Int]]"), ("dict[int, str]", "MessagePackValue"),
      ("int | str", "MessagePackValue"),
      ("bool, optional", "Bool"), ("tuple[int, str]", "[MessagePackValue]"), (":class:`str`", "String"),
      ("typing.Optional[int]", "Int?"), ("Union[None, float]", "Double?"), ("datetime", nil), ("", nil),
      ("a number", nil),
    ] as [(String, String?)])
  func typesOfPeers(text: String, type: String?) {
    #expect(PeerType.swift(text) == type)
  }

  @Test(arguments: [
    ("Int", true), ("[String: [Int]?]", true), ("Array<Set<String>>", true), ("Date", true), ("Sample", false),
    ("[Sample]", false), ("[Int", false), ("Int]", false), ("Void", false), ("", false), ("Int; evil()", false),
    ("Dictionary<String, Double>", true), ("RPCStream<Int>", false), ("Int??", true),
  ])
  func typesOfSwift(text: String, isKnown: Bool) {
    #expect(PeerType.isKnown(swift: text) == isKnown)
  }
}
