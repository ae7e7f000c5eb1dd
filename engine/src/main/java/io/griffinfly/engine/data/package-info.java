/// Data sets: named columns whose rows are examples, shuffled batches, and the MNIST digits.
package io.griffinfly.engine.data;
