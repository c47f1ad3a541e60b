extension GeneratorConfiguration {
  /// Reads the text of a configuration file.
  ///
  /// - Returns: What could be read, and what is wrong with the rest.
  public static func read(_ text: String, path: String) -> (GeneratorConfiguration, [Diagnostic]) {
    (GeneratorConfiguration(), [])
  }
}
