//! Failures that have an exit code of the protocol.

use std::fmt;

/// Why a unit ends.
#[derive(Debug)]
pub enum Failure {
    /// What was asked for is not possible with this framework.
    Unsupported(String),
    /// The bundle is malformed.
    BadCase(String),
    /// There is no such device.
    NoDevice(String),
    /// Anything else.
    Internal(String),
}

impl Failure {
    /// The exit code.
    pub fn code(&self) -> i32 {
        match self {
            Failure::Unsupported(_) => 64,
            Failure::BadCase(_) => 65,
            Failure::NoDevice(_) => 69,
            Failure::Internal(_) => 70,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Unsupported(reason)
            | Failure::BadCase(reason)
            | Failure::NoDevice(reason)
            | Failure::Internal(reason) => formatter.write_str(reason),
        }
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Failure::Internal(error.to_string())
    }
}
