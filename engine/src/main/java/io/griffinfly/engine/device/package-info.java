/// What a device can do, as plain data: the compiler decides by it, so that it can be tested for a
/// device that is not there.
package io.griffinfly.engine.device;
