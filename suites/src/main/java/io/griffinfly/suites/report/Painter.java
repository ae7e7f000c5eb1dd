package io.griffinfly.suites.report;

/// Gives text a look, where it is going to be seen.
public interface Painter {
  /// A place without colours.
  Painter NONE =
      new Painter() {
        @Override
        public String strong(String text) {
          return text;
        }

        @Override
        public String good(String text) {
          return text;
        }

        @Override
        public String bad(String text) {
          return text;
        }

        @Override
        public String faint(String text) {
          return text;
        }
      };

  /// Stands out.
  ///
  /// @param text plain
  /// @return the text with its look
  String strong(String text);

  /// Is right.
  ///
  /// @param text plain
  /// @return the text with its look
  String good(String text);

  /// Is wrong.
  ///
  /// @param text plain
  /// @return the text with its look
  String bad(String text);

  /// Matters less.
  ///
  /// @param text plain
  /// @return the text with its look
  String faint(String text);
}
