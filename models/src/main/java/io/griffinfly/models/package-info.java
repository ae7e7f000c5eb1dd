/// Reference models: what a model is to a harness, and the catalogue of them. Each model is one
/// package with its configuration and its graph, written in primitive operations.
package io.griffinfly.models;
