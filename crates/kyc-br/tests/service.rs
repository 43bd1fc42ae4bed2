//! The example of a service, killed and started again.
