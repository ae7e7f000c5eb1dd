/// Reading and writing of files that other tools share with us: weights and, later, graphs.
package io.griffinfly.engine.io;
