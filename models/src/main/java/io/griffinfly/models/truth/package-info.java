/// Cases and their truth: a case is a folder of resources that says which tensors there are, what
/// is run on them, and what comes out in double precision. Here the tensors are regenerated and
/// results are held against the truth.
///
/// The definitions are in `models/truth/README.md`.
package io.griffinfly.models.truth;
