import org.jspecify.annotations.NullMarked;

/// The reference models: configurations, graphs, weight names and reference tensors.
@NullMarked
module io.griffinfly.models {
  requires static org.jspecify;
  requires transitive io.griffinfly.engine;
  requires com.fasterxml.jackson.databind;

  exports io.griffinfly.models;
  exports io.griffinfly.models.smollm2;
  exports io.griffinfly.models.synthetic;
  exports io.griffinfly.models.truth;
}
