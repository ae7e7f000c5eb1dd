package io.griffinfly.suites.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.griffinfly.suites.adapter.AdapterResult.FrameworkFacts;
import io.griffinfly.suites.plan.Profile;
import io.griffinfly.suites.run.UnitStatus;
import io.griffinfly.suites.stats.Interval;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;

class PictureTest {
  private static ResultDocument.Measured measured(double value) {
    return new ResultDocument.Measured(
        "ms",
        value,
        value * 0.9,
        value * 1.2,
        Interval.Method.RANGE,
        3,
        30,
        value * 0.8,
        null,
        0.01,
        List.of(0, 0),
        List.of(),
        List.of());
  }

  /// A result with times of the programs in the order of the columns.
  private static ResultDocument document(
      String caseId, String label, UnitStatus status, double... millis) {
    Map<String, ResultDocument.Measured> metrics = new LinkedHashMap<>();
    List<String> names = List.of("forward_ms", "latency_ms", "train_sgd_ms");
    for (int i = 0; i < millis.length; i++) {
      metrics.put(names.get(i), measured(millis[i]));
    }
    return new ResultDocument(
        ResultDocument.SCHEMA,
        "run",
        "run/" + caseId + "/" + label,
        status,
        null,
        caseId,
        "0",
        new FrameworkFacts(label, "1.2", null, null, null, null, null),
        "default",
        null,
        new Environment(
            "0", "some & <cpu>, 2 cores", "", "", "", "", 2, 0, "", 2, null, null, null, "today"),
        new ResultDocument.Protocol(Profile.QUICK, 3, 7, "cpu", 2, Profile.QUICK.sampling()),
        metrics,
        null,
        Map.of(),
        null,
        Map.of(),
        List.of());
  }

  private static List<Element> elements(String svg, String name, String style) throws Exception {
    NodeList all =
        DocumentBuilderFactory.newDefaultInstance()
            .newDocumentBuilder()
            .parse(new ByteArrayInputStream(svg.getBytes(StandardCharsets.UTF_8)))
            .getElementsByTagName(name);
    List<Element> found = new ArrayList<>();
    for (int i = 0; i < all.getLength(); i++) {
      if (all.item(i) instanceof Element element
          && List.of(element.getAttribute("class").split(" ")).contains(style)) {
        found.add(element);
      }
    }
    return found;
  }

  private static List<String> texts(String svg, String style) throws Exception {
    return elements(svg, "text", style).stream().map(Element::getTextContent).toList();
  }

  private static double number(Element element, String attribute) {
    return Double.parseDouble(element.getAttribute(attribute));
  }

  private static List<Double> widths(String svg) throws Exception {
    return elements(svg, "rect", "bar").stream().map(bar -> number(bar, "width")).toList();
  }

  @Test
  void barsOfAProgramAreInProportionAndTheFastestForwardLeads() throws Exception {
    String svg =
        picture(
            document("case", "slow", UnitStatus.OK, 80, 8),
            document("case", "griffinfly:jvm", UnitStatus.OK, 40, 10, 300));
    // The longest interval of a program, 1.2 times its time, takes 270 pixels.
    assertEquals(List.of(112.5, 225.0, 225.0, 180.0, 225.0), widths(svg));
    assertEquals(List.of("griffinfly:jvm 1.2", "slow 1.2"), texts(svg, "label").subList(0, 2));
    assertEquals(List.of("40.0", "80.0", "10.0", "8.00", "300"), values(svg));
    assertEquals(3, elements(svg, "rect", "own").size());
    Element whisker = elements(svg, "rect", "whisker").getFirst();
    assertEquals(250 + 112.5 * 0.9, number(whisker, "x"), 0.06);
    assertEquals(112.5 * 0.3, number(whisker, "width"), 0.06);
    assertTrue(texts(svg, "faint").contains("n/s"), "an inference runtime does not train");
    assertTrue(svg.contains("provisional"), svg);
  }

  /// The bold texts that are numbers.
  private static List<String> values(String svg) throws Exception {
    return texts(svg, "strong").stream().filter(text -> text.matches("[0-9.]+")).toList();
  }

  @Test
  void whatIsWrongIsStruckAndHasNoBar() throws Exception {
    String svg =
        picture(
            document("case", "right", UnitStatus.OK, 80),
            document("case", "broken", UnitStatus.WRONG));
    assertEquals(List.of("broken 1.2"), texts(svg, "struck"));
    assertEquals(List.of("wrong"), texts(svg, "bad"));
    assertEquals(List.of("pass"), texts(svg, "good"));
    assertEquals(1, widths(svg).size());
    assertTrue(Picture.of(List.of(document("case", "broken", UnitStatus.WRONG))).isEmpty());
  }

  @Test
  void hostileTextStaysText() throws Exception {
    String label = "<b>'&'\u0000\ud800";
    String svg =
        picture(
            document("a\"b<c>]]>", label, UnitStatus.OK, 1),
            document("a\"b<c>]]>", "l".repeat(200), UnitStatus.OK, 2));
    assertEquals("a\"b<c>]]>", texts(svg, "strong").getFirst());
    assertEquals(List.of("<b>'&'\ufffd\ufffd 1.2", "l".repeat(28) + "…"), texts(svg, "label"));
    assertTrue(texts(svg, "faint").contains("some & <cpu>, 2 cores"));
  }

  /// All that is drawn lies within the picture, for any number of cases.
  @Test
  void everyCaseIsDrawnWithinThePicture() throws Exception {
    ResultDocument one = document("one", "griffinfly:jvm", UnitStatus.OK, 1, 2, 3);
    ResultDocument two = document("two", "other", UnitStatus.OK, 4);
    String svg = picture(two, one);
    assertEquals(svg, picture(one, two), "bytes depend on the order of files");
    double height = number(elements(svg, "rect", "page").getFirst(), "height");
    for (String style : List.of("strong", "faint", "label", "good")) {
      for (Element text : elements(svg, "text", style)) {
        assertTrue(number(text, "y") < height - 10, text.getTextContent());
      }
    }
    List<String> strong = texts(svg, "strong");
    assertTrue(strong.indexOf("one") < strong.indexOf("two"), strong.toString());
    assertTrue(svg.contains("prefers-color-scheme: dark"));
  }

  private static String picture(ResultDocument... documents) {
    return Picture.of(List.of(documents)).orElseThrow();
  }
}
