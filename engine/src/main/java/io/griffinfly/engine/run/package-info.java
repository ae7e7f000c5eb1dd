/// From a graph to results: the compiler, sessions and the store of parameters.
///
/// A [Session][io.griffinfly.engine.run.Session] is a compiled graph with its working memory; the
/// [Parameters][io.griffinfly.engine.run.Parameters] live apart from it, so that several sessions
/// share them.
package io.griffinfly.engine.run;
