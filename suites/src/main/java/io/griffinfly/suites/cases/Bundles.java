package io.griffinfly.suites.cases;

import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.io.WeightsException;
import io.griffinfly.models.Model;
import io.griffinfly.models.ModelCatalog;
import io.griffinfly.models.ModelException;
import io.griffinfly.models.truth.CaseFolder;
import io.griffinfly.suites.DurableFile;
import io.griffinfly.suites.ExitCode;
import io.griffinfly.suites.SuiteException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// Gets the bundles of models, made once and kept.
public final class Bundles {
  private Bundles() {}

  /// Names of all models.
  ///
  /// @return in the order of the tables
  public static List<String> models() {
    return ModelCatalog.models().stream().map(Model::id).toList();
  }

  /// The bundle of a model, made if it is not there, checked in any case.
  ///
  /// @param model its full name
  /// @param root where bundles lie
  /// @param progress hears of bytes made
  /// @return the bundle
  public static CaseBundle of(String model, Path root, Progress progress) {
    try {
      Model found = ModelCatalog.find(model);
      return CaseBundle.open(CaseFolder.prepare(found.defaultCase(), root, progress));
    } catch (WeightsException | ModelException e) {
      throw new SuiteException(ExitCode.BUNDLE, String.valueOf(e.getMessage()), e);
    } catch (IOException e) {
      throw new SuiteException(ExitCode.INTERNAL, DurableFile.unwritable(root, e), e);
    }
  }
}
