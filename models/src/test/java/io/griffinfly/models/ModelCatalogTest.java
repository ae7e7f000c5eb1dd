package io.griffinfly.models;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ModelCatalogTest {
  @Test
  void everyModelIsFoundByItsName() {
    for (Model model : ModelCatalog.models()) {
      assertSame(model, ModelCatalog.find(model.id()));
    }
  }

  @Test
  void aUniqueBeginningIsEnough() {
    assertEquals("SmolLM2-135M", ModelCatalog.find("SmolLM2").id());
    assertEquals("SmolLM2-135M", ModelCatalog.find("smollm").id());
  }

  @Test
  void anUnknownNameListsTheKnownOnes() {
    ModelException e = assertThrows(ModelException.class, () -> ModelCatalog.find("GPT"));
    assertEquals("no model is called GPT; there are SmolLM2-135M", e.getMessage());
  }
}
