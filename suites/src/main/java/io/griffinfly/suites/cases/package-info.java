/// Case bundles: the bytes that every framework gets, and the truth that its results are held
/// against.
///
/// A bundle is a folder with `case.json`, `weights.safetensors`, `inputs.safetensors`,
/// `expected.safetensors` and `SHA256SUMS`; `models/truth/README.md` defines them.
@NullMarked
package io.griffinfly.suites.cases;

import org.jspecify.annotations.NullMarked;
