package io.griffinfly.engine.ir;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/// The text form of the attributes of operations, by the components of their records:
/// `MatMul{transposeRight=true}`. Truth values that are false are left out.
final class AttributeText {
  private AttributeText() {}

  static String print(Record record) {
    StringBuilder text = new StringBuilder(record.getClass().getSimpleName());
    String separator = "{";
    for (RecordComponent component : record.getClass().getRecordComponents()) {
      Object value = read(record, component);
      if (!value.equals(false)) {
        text.append(separator).append(component.getName()).append('=').append(printValue(value));
        separator = ", ";
      }
    }
    return text.append(separator.equals("{") ? "" : "}").toString();
  }

  private static Object read(Record record, RecordComponent component) {
    try {
      return component.getAccessor().invoke(record);
    } catch (IllegalAccessException | InvocationTargetException e) {
      throw new IllegalStateException(component + " of " + record.getClass(), e);
    }
  }

  private static String printValue(Object value) {
    return switch (value) {
      case String text -> TextScanner.quote(text);
      case Enum<?> constant -> constant.name();
      case ScalarExpr expression -> printExpression(expression);
      case TensorType type -> type.toString();
      case Record record -> print(record);
      case List<?> list ->
          list.stream().map(AttributeText::printValue).collect(Collectors.joining(",", "[", "]"));
      case Literal literal -> printLiteral(literal);
      // Numbers, truth values and shapes; Double.toString reads back as the same double.
      default -> value.toString();
    };
  }

  private static String printLiteral(Literal literal) {
    StringBuilder text = new StringBuilder(literal.type().toString()).append('{');
    long count = literal.isSplat() ? 1 : literal.type().shape().size();
    for (long i = 0; i < count; i++) {
      text.append(i == 0 ? "" : ",").append(literal.get(i));
    }
    return text.append('}').toString();
  }

  /// `ADD($0, F32(2.0))`: operands by index, conversions by the type converted to.
  private static String printExpression(ScalarExpr expression) {
    return switch (expression) {
      case ScalarExpr.Arg(int index) -> "$" + index;
      case ScalarExpr.Scalar(double value) -> Double.toString(value);
      case ScalarExpr.Convert(DType to, ScalarExpr value) ->
          to + "(" + printExpression(value) + ")";
      case ScalarExpr.Apply(ScalarFn fn, List<ScalarExpr> args) ->
          args.stream()
              .map(AttributeText::printExpression)
              .collect(Collectors.joining(", ", fn + "(", ")"));
    };
  }

  /// Reads one of the records that a sealed interface permits.
  static Record parse(TextScanner in, Class<?> sealed) {
    var records = OpCatalogue.records(sealed);
    String name = in.word();
    Class<? extends Record> record = records.get(name);
    if (record == null) {
      throw new GraphException("there is no " + name + ", only " + records.sequencedKeySet());
    }
    return parseRecord(in, record);
  }

  private static Record parseRecord(TextScanner in, Class<? extends Record> record) {
    RecordComponent[] components = record.getRecordComponents();
    Map<String, Object> given = new HashMap<>();
    if (in.take("{")) {
      AttributeText.<Object>parseList(
          in,
          "}",
          () -> {
            RecordComponent component = component(record, in.word());
            in.expect("=");
            Object value = parseValue(in, component.getGenericType());
            if (given.put(component.getName(), value) != null) {
              throw new GraphException(component.getName() + " is given twice");
            }
            return value;
          });
    }
    Class<?>[] types = new Class<?>[components.length];
    Object[] values = new Object[components.length];
    for (int i = 0; i < components.length; i++) {
      types[i] = components[i].getType();
      Object value = given.get(components[i].getName());
      if (value == null && types[i] != boolean.class) {
        throw new GraphException(record.getSimpleName() + " lacks " + components[i].getName());
      }
      values[i] = value == null ? false : value;
    }
    try {
      return record.getDeclaredConstructor(types).newInstance(values);
    } catch (InvocationTargetException e) {
      throw new GraphException(record.getSimpleName() + ": " + e.getTargetException().getMessage());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("the constructor of " + record, e);
    }
  }

  private static RecordComponent component(Class<? extends Record> record, String name) {
    List<String> names = new ArrayList<>();
    for (RecordComponent component : record.getRecordComponents()) {
      if (component.getName().equals(name)) {
        return component;
      }
      names.add(component.getName());
    }
    throw new GraphException(
        record.getSimpleName() + " has no attribute " + name + ", only " + names);
  }

  private static Object parseValue(TextScanner in, Type type) {
    if (type instanceof ParameterizedType list && list.getRawType() == List.class) {
      in.expect("[");
      return parseList(in, "]", () -> parseValue(in, list.getActualTypeArguments()[0]));
    }
    if (type == int.class || type == Integer.class) {
      return in.smallInteger();
    }
    if (type == long.class || type == Long.class) {
      return in.integer();
    }
    if (type == double.class || type == Double.class) {
      return in.number();
    }
    return parseNamed(in, (Class<?>) type);
  }

  private static Object parseNamed(TextScanner in, Class<?> type) {
    if (type == boolean.class) {
      return parseConstant(in.word(), List.of(true, false));
    }
    if (type == String.class) {
      return in.quoted();
    }
    if (type == Shape.class) {
      return parseShape(in);
    }
    if (type == TensorType.class) {
      return parseType(in);
    }
    if (type == Literal.class) {
      return parseLiteral(in);
    }
    if (type == ScalarExpr.class) {
      return parseExpression(in);
    }
    if (type.isEnum()) {
      return parseConstant(in.word(), Arrays.asList(type.getEnumConstants()));
    }
    if (type.isSealed()) {
      return parse(in, type);
    }
    throw new IllegalStateException("the text form knows no attribute of " + type);
  }

  private static <T> T parseConstant(String name, List<T> constants) {
    for (T constant : constants) {
      String own = constant instanceof Enum<?> e ? e.name() : constant.toString();
      if (own.equals(name)) {
        return constant;
      }
    }
    throw new GraphException("there is no " + name + ", only " + constants);
  }

  static <T> List<T> parseList(TextScanner in, String end, Supplier<T> element) {
    List<T> list = new ArrayList<>();
    while (!in.take(end)) {
      if (!list.isEmpty()) {
        in.expect(",");
      }
      list.add(element.get());
    }
    return list;
  }

  private static Shape parseShape(TextScanner in) {
    in.expect("[");
    return Shape.of(
        parseList(in, "]", in::smallInteger).stream().mapToInt(Integer::intValue).toArray());
  }

  /// A tensor's type, `f32[2,3]`.
  static TensorType parseType(TextScanner in) {
    String name = in.word().toUpperCase(Locale.ROOT);
    return new TensorType(parseConstant(name, List.of(DType.values())), parseShape(in));
  }

  private static Literal parseLiteral(TextScanner in) {
    TensorType type = parseType(in);
    in.expect("{");
    double[] values =
        parseList(in, "}", in::number).stream().mapToDouble(Double::doubleValue).toArray();
    return values.length == 1 ? Literal.splat(type, values[0]) : Literal.of(type, values);
  }

  private static ScalarExpr parseExpression(TextScanner in) {
    if (in.take("$")) {
      return new ScalarExpr.Arg(in.smallInteger());
    }
    if (in.seesNumber()) {
      return new ScalarExpr.Scalar(in.number());
    }
    String name = in.word();
    in.expect("(");
    List<ScalarExpr> args = parseList(in, ")", () -> parseExpression(in));
    for (DType to : DType.values()) {
      if (to.name().equals(name) && args.size() == 1) {
        return new ScalarExpr.Convert(to, args.getFirst());
      }
    }
    return new ScalarExpr.Apply(parseConstant(name, List.of(ScalarFn.values())), args);
  }
}
