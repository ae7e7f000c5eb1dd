package io.griffinfly.engine.device;

/// What the compiler knows of a device. Rates are for deciding between plans, not for reports.
///
/// @param name what it is, for people
/// @param launchMicros microseconds to start a kernel and wait for it
/// @param flopsPerMicro single-precision operations a microsecond in dense products
/// @param bytesPerMicro bytes a microsecond that kernels read and write
public record DeviceProfile(
    String name, double launchMicros, double flopsPerMicro, double bytesPerMicro) {}
