/// Writes graphs as ONNX models, for every runtime that reads them.
///
/// [OnnxExporter] walks a graph once; one class an operation family says which ONNX nodes an
/// operation becomes, in one of the forms of [OnnxForm]. The message classes are those of
/// `org.tribuo:tribuo-util-onnx`, which is optional: only who exports needs it.
package io.griffinfly.engine.io.onnx;
