//! A deserializer that forwards every method to the inner one, with the visitor wrapped.

/// Expands to the methods that ask for no list and no object; with `shapes`, to those that do. The type has `wrap`, which
/// returns the inner deserializer and the wrapped visitor.
macro_rules! deserializer {
    () => {
        type Error = D::Error;

        fn is_human_readable(&self) -> bool {
            self.inner.is_human_readable()
        }

        deserializer!(
            deserialize_any() deserialize_bool() deserialize_i8() deserialize_i16()
            deserialize_i32() deserialize_i64() deserialize_i128() deserialize_u8()
            deserialize_u16() deserialize_u32() deserialize_u64() deserialize_u128()
            deserialize_f32() deserialize_f64() deserialize_char() deserialize_str()
            deserialize_string() deserialize_bytes() deserialize_byte_buf() deserialize_option()
            deserialize_unit() deserialize_identifier()
            deserialize_unit_struct(name: &'static str,) deserialize_newtype_struct(name: &'static str,)
            deserialize_tuple(len: usize,) deserialize_tuple_struct(name: &'static str, len: usize,)
            deserialize_enum(name: &'static str, variants: &'static [&'static str],));
    };
    (shapes) => {
        deserializer!(deserialize_seq() deserialize_map()
            deserialize_struct(name: &'static str, fields: &'static [&'static str],));
    };
    ($($method:ident($($name:ident: $type:ty,)*))+) => {
        $(fn $method<V: Visitor<'de>>(self, $($name: $type,)* visitor: V) -> Result<V::Value, D::Error> {
            let (inner, visitor) = self.wrap(visitor);
            inner.$method($($name,)* visitor)
        })+
    };
}

pub(super) use deserializer;
