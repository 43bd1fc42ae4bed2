//! A macro for deserializers that forward every method to an inner one, with a wrapped visitor.

/// Expands to all methods except those for lists, maps and structs; with `shapes`, to the methods for these. The type must have
/// a method `wrap`, which returns the inner deserializer and the wrapped visitor.
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
