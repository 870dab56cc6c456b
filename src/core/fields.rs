//! Small objects on their way out: what requests, errors, events and progress are made of.
//!
//! One type for all of them, and one walk over it: a derived `Serialize` for each would be a copy of the same code in the
//! wasm, and struct keys bring a cache of interned strings that pays only where objects are many.

use serde::Serialize;
use serde::ser::{SerializeMap, Serializer};

/// Named values in order, absent ones left out.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fields<'a>(Vec<(&'static str, Field<'a>)>);

/// One value.
#[derive(Clone, Debug, PartialEq)]
pub enum Field<'a> {
    /// A number.
    Number(f64),
    /// A text.
    Text(&'a str),
    /// `true` or `false`.
    Flag(bool),
    /// An object.
    Object(Fields<'a>),
}

impl<'a> Fields<'a> {
    /// Adds a number.
    pub fn number(&mut self, name: &'static str, number: impl Into<f64>) {
        self.add(name, Field::Number(number.into()));
    }

    /// Adds a number, if there is one.
    pub fn maybe_number(&mut self, name: &'static str, number: Option<f64>) {
        if let Some(number) = number {
            self.add(name, Field::Number(number));
        }
    }

    /// Adds a text, if there is one.
    pub fn text(&mut self, name: &'static str, text: impl Into<Option<&'a str>>) {
        if let Some(text) = text.into() {
            self.add(name, Field::Text(text));
        }
    }

    /// Adds `true` or `false`.
    pub fn flag(&mut self, name: &'static str, flag: bool) {
        self.add(name, Field::Flag(flag));
    }

    /// Adds an object.
    pub fn object(&mut self, name: &'static str, object: Fields<'a>) {
        self.add(name, Field::Object(object));
    }

    #[inline(never)]
    fn add(&mut self, name: &'static str, field: Field<'a>) {
        self.0.push((name, field));
    }
}

impl Serialize for Fields<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut object = serializer.serialize_map(Some(self.0.len()))?;
        for (name, field) in &self.0 {
            object.serialize_entry(name, field)?;
        }
        object.end()
    }
}

impl Serialize for Field<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Number(number) => serializer.serialize_f64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::Object(fields) => fields.serialize(serializer),
        }
    }
}

#[cfg(test)]
#[cfg(not(target_arch = "wasm32"))]
mod tests {
    use super::*;

    #[test]
    fn fields_become_an_object_in_their_order_without_the_absent() {
        let mut inner = Fields::default();
        inner.flag("yes", true);
        let mut fields = Fields::default();
        fields.text("b", "text");
        fields.text("none", None);
        fields.maybe_number("nothing", None);
        fields.number("a", 2_u32);
        fields.object("c", inner);
        assert_eq!(serde_json::to_string(&fields).unwrap(), r#"{"b":"text","a":2.0,"c":{"yes":true}}"#);
    }
}
