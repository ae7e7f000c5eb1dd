package io.griffinfly.engine.data;

import io.griffinfly.engine.io.Download;
import io.griffinfly.engine.io.Progress;
import io.griffinfly.engine.ir.DType;
import io.griffinfly.engine.ir.Shape;
import io.griffinfly.engine.ir.Tensor;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// The MNIST digits (LeCun, Cortes and Burges): 60 000 images for training and 10 000 for testing,
/// 28 by 28 pixels, of the digits 0 to 9. Column `image` is F32 `[n, 784]` between 0 and 1, column
/// `label` is I64 `[n]`.
public final class Mnist {
  /// The name of the images' column.
  public static final String IMAGE = "image";

  /// The name of the labels' column.
  public static final String LABEL = "label";

  private static final String TRAIN_IMAGES = "train-images-idx3-ubyte";
  private static final String TRAIN_LABELS = "train-labels-idx1-ubyte";
  private static final String TEST_IMAGES = "t10k-images-idx3-ubyte";
  private static final String TEST_LABELS = "t10k-labels-idx1-ubyte";
  private static final int SIDE = 28;
  private static final int CLASSES = 10;

  private static final List<String> MIRRORS =
      List.of(
          "https://storage.googleapis.com/cvdf-datasets/mnist/",
          "https://ossci-datasets.s3.amazonaws.com/mnist/");

  /// SHA-256 of the unpacked files: mirrors pack them differently.
  private static final Map<String, String> DIGESTS =
      Map.of(
          TRAIN_IMAGES, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
          TRAIN_LABELS, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
          TEST_IMAGES, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
          TEST_LABELS, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2");

  private Mnist() {}

  /// The training set.
  ///
  /// @param folder has the files under their usual names, with or without `.gz`
  /// @return 60 000 examples, as a rule
  /// @throws IOException if a file is absent or cannot be read
  /// @throws DataException if a file is malformed or the two do not fit
  public static Dataset train(Path folder) throws IOException {
    return read(folder, TRAIN_IMAGES, TRAIN_LABELS);
  }

  /// The test set.
  ///
  /// @param folder has the files under their usual names, with or without `.gz`
  /// @return 10 000 examples, as a rule
  /// @throws IOException if a file is absent or cannot be read
  /// @throws DataException if a file is malformed or the two do not fit
  public static Dataset test(Path folder) throws IOException {
    return read(folder, TEST_IMAGES, TEST_LABELS);
  }

  /// Whether a folder has all four files.
  ///
  /// @param folder the folder
  /// @return whether they are there, with or without `.gz`
  public static boolean isIn(Path folder) {
    return DIGESTS.keySet().stream()
        .allMatch(name ->
            Files.isRegularFile(folder.resolve(name))
                || Files.isRegularFile(folder.resolve(name + ".gz")));
  }

  /// Downloads the files that a folder lacks, 11 MB in all.
  ///
  /// @param folder the folder, created if it is absent
  /// @param progress hears of the bytes of each file
  /// @throws IOException if no mirror yields a file with the known digest
  public static void download(Path folder, Progress progress) throws IOException {
    download(folder, MIRRORS, DIGESTS, progress);
  }

  static void download(
      Path folder, List<String> mirrors, Map<String, String> digests, Progress progress)
      throws IOException {
    Files.createDirectories(folder);
    for (Map.Entry<String, String> wanted : digests.entrySet()) {
      Path file = folder.resolve(wanted.getKey());
      if (Files.isRegularFile(file)
          || Files.isRegularFile(folder.resolve(wanted.getKey() + ".gz"))) {
        continue;
      }
      List<URI> sources =
          mirrors.stream().map(mirror -> URI.create(mirror + wanted.getKey() + ".gz")).toList();
      Download.unpacking(sources, file, wanted.getValue(), progress);
    }
  }

  private static Dataset read(Path folder, String imagesName, String labelsName)
      throws IOException {
    Path imagesFile = find(folder, imagesName);
    Idx images = Idx.read(imagesFile);
    Path labelsFile = find(folder, labelsName);
    Idx labels = Idx.read(labelsFile);
    int count = images.shape().rank() == 0 ? 0 : images.shape().dim(0);
    if (images.element() != Idx.Element.U8 || !images.shape().equals(Shape.of(count, SIDE, SIDE))) {
      throw new DataException(
          imagesFile + ": U8[n,28,28] expected, found " + images.element() + images.shape());
    }
    if (!labels.shape().equals(Shape.of(count))) {
      throw new DataException(
          labelsFile + ": " + count + " labels expected, found " + labels.shape());
    }
    for (int i = 0; i < count; i++) {
      if (labels.get(i) < 0 || labels.get(i) >= CLASSES) {
        throw new DataException(labelsFile + ": label " + i + " is " + labels.get(i));
      }
    }
    SequencedMap<String, Tensor> columns = new LinkedHashMap<>();
    columns.put(IMAGE, images.toTensor(DType.F32, 255, count, SIDE * SIDE));
    columns.put(LABEL, labels.toTensor(DType.I64, 1, count));
    return Dataset.of(columns);
  }

  private static Path find(Path folder, String name) throws IOException {
    for (Path file : List.of(folder.resolve(name), folder.resolve(name + ".gz"))) {
      if (Files.isRegularFile(file)) {
        return file;
      }
    }
    throw new NoSuchFileException(
        folder.resolve(name) + " (or .gz): Mnist.download(folder, progress) fetches it");
  }
}
