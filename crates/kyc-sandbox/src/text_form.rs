//! `Display` and `FromStr` of public values that have a name on the control routes.

/// Implements both for a type with a `name` method, given its values.
macro_rules! text_form {
    ($type:ty, $values:expr) => {
        impl std::fmt::Display for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(self.name())
            }
        }

        impl std::str::FromStr for $type {
            type Err = kyc_core::ValidationError;

            /// Reads a value's name as it is on the control routes.
            fn from_str(name: &str) -> Result<Self, Self::Err> {
                let values: &[Self] = $values;
                values.iter().copied().find(|value| value.name() == name).ok_or_else(|| {
                    let names: Vec<_> = values.iter().map(|value| value.name()).collect();
                    kyc_core::ValidationError::new(format!("must be one of {}", names.join(", ")))
                })
            }
        }
    };
}
pub(crate) use text_form;

#[cfg(test)]
mod tests {
    use std::fmt::{Debug, Display};
    use std::str::FromStr;

    use kyc_core::ValidationError;

    use crate::bankly::{self, KeyReading};
    use crate::certiface::{self, Provider};
    use crate::{DeliveryState, cellere, clearsale};

    fn round_trips<T>(values: &[T])
    where
        T: Copy + Debug + Display + FromStr<Err = ValidationError> + PartialEq,
    {
        for value in values {
            assert_eq!(value.to_string().parse(), Ok(*value));
        }
        assert!("unknown".parse::<T>().is_err());
    }

    #[test]
    fn names_are_read_back() {
        round_trips(bankly::Operation::ALL);
        round_trips(cellere::Operation::ALL);
        round_trips(certiface::Operation::ALL);
        round_trips(clearsale::Operation::ALL);
        round_trips(&[KeyReading::Decoded, KeyReading::Raw]);
        round_trips(&[Provider::FaceTec, Provider::IProov]);
        round_trips(&[DeliveryState::Pending, DeliveryState::Delivered, DeliveryState::GivenUp]);
    }

    #[test]
    fn an_unknown_name_is_refused_with_the_known_ones() {
        let error = "text".parse::<KeyReading>().expect_err("an unknown name");
        assert_eq!(error.to_string(), "must be one of decoded, raw");
        assert_eq!(format!("{:>10}", DeliveryState::Pending), "   pending");
    }
}
