package io.griffinfly.models;

import io.griffinfly.models.smollm2.LlamaModel;
import io.griffinfly.models.truth.CaseDefinition;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// The reference models: one row each.
public final class ModelCatalog {
  private static final List<Model> MODELS = List.of(LlamaModel.smolLm2());

  private ModelCatalog() {}

  /// All models.
  ///
  /// @return the models, in the order of the tables
  public static List<Model> models() {
    return MODELS;
  }

  /// The model of a case: of any size, not only those of the catalogue.
  ///
  /// @param definition the case
  /// @return its model
  /// @throws ModelException if the family is unknown or its hyper-parameters do not fit
  public static Model of(CaseDefinition definition) {
    return switch (definition.arch()) {
      case "llama" -> LlamaModel.of(definition);
      case String arch ->
          throw new ModelException(definition.id() + ": no family of models is called " + arch);
    };
  }

  /// Finds a model by its name or the beginning of it.
  ///
  /// @param prefix what the user typed; case does not matter
  /// @return the model
  /// @throws ModelException if no name or more than one begins so
  public static Model find(String prefix) {
    String wanted = prefix.toLowerCase(Locale.ROOT);
    List<Model> found =
        MODELS.stream().filter(m -> m.id().toLowerCase(Locale.ROOT).startsWith(wanted)).toList();
    for (Model model : found) {
      if (found.size() == 1 || model.id().toLowerCase(Locale.ROOT).equals(wanted)) {
        return model;
      }
    }
    throw new ModelException(
        (found.isEmpty() ? "no model is called " : "several models begin with ")
            + prefix
            + "; there are "
            + MODELS.stream().map(Model::id).collect(Collectors.joining(", ")));
  }
}
