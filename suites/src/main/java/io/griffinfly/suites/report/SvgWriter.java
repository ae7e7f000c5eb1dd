package io.griffinfly.suites.report;

import java.io.StringWriter;
import java.util.Locale;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/// Writes an SVG document, element by element. Text is escaped, and characters that XML cannot hold
/// are replaced; lengths are in pixels.
final class SvgWriter {
  private static final String NAMESPACE = "http://www.w3.org/2000/svg";

  private final StringWriter out = new StringWriter();
  private final XMLStreamWriter xml;

  /// Begins a document.
  ///
  /// @param width of the picture
  /// @param height of the picture
  /// @param title what it shows, for those who cannot see it
  /// @param style its CSS
  SvgWriter(int width, int height, String title, String style) {
    try {
      xml = XMLOutputFactory.newDefaultFactory().createXMLStreamWriter(out);
      xml.setDefaultNamespace(NAMESPACE);
      xml.writeStartElement(NAMESPACE, "svg");
      xml.writeDefaultNamespace(NAMESPACE);
      xml.writeAttribute("viewBox", "0 0 " + width + " " + height);
      xml.writeAttribute("width", Integer.toString(width));
      xml.writeAttribute("height", Integer.toString(height));
      xml.writeAttribute("role", "img");
      element("title", title);
      element("style", style);
    } catch (XMLStreamException e) {
      throw broken(e);
    }
  }

  private void element(String name, String content) throws XMLStreamException {
    xml.writeStartElement(NAMESPACE, name);
    xml.writeCharacters(printable(content));
    xml.writeEndElement();
    xml.writeCharacters("\n");
  }

  /// A text whose left end lies on its baseline at a place.
  void text(double x, double y, String style, String content) {
    try {
      xml.writeStartElement(NAMESPACE, "text");
      xml.writeAttribute("x", number(x));
      xml.writeAttribute("y", number(y));
      xml.writeAttribute("class", style);
      xml.writeCharacters(printable(content));
      xml.writeEndElement();
      xml.writeCharacters("\n");
    } catch (XMLStreamException e) {
      throw broken(e);
    }
  }

  /// A filled rectangle.
  void rectangle(double x, double y, double width, double height, String style) {
    try {
      xml.writeEmptyElement(NAMESPACE, "rect");
      xml.writeAttribute("x", number(x));
      xml.writeAttribute("y", number(y));
      xml.writeAttribute("width", number(width));
      xml.writeAttribute("height", number(height));
      xml.writeAttribute("class", style);
      xml.writeCharacters("\n");
    } catch (XMLStreamException e) {
      throw broken(e);
    }
  }

  /// Ends the document.
  ///
  /// @return all of it
  String finish() {
    try {
      xml.writeEndElement();
      xml.writeEndDocument();
      xml.close();
      return out + "\n";
    } catch (XMLStreamException e) {
      throw broken(e);
    }
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /// XML 1.0 has no way to write most control characters and halves of surrogate pairs.
  private static String printable(String text) {
    StringBuilder safe = new StringBuilder();
    text.codePoints()
        .map(point -> isCharacter(point) ? point : 0xfffd)
        .forEach(safe::appendCodePoint);
    return safe.toString();
  }

  private static boolean isCharacter(int point) {
    return point == '\t'
        || point == '\n'
        || (point >= 0x20 && point < 0xd800)
        || (point > 0xdfff && point < 0xfffe)
        || point > 0xffff;
  }

  private static IllegalStateException broken(XMLStreamException e) {
    return new IllegalStateException("writing to memory cannot fail", e);
  }
}
