//! Reads a JavaScript object literal that holds only data, as a minifier writes it, without evaluating anything:
//! bare or quoted keys, strings without escapes other than JSON's, numbers like `.5`, `!0`, `!1`, `null`, arrays, objects.

use anyhow::{Context, Result, bail};
use serde_json::{Map, Number, Value};

/// How deep objects and arrays may nest.
const DEEPEST: usize = 64;

/// Parses the literal that `text` begins with; what follows it is left alone.
pub fn parse(text: &str) -> Result<Value> {
    Reader { text, at: 0 }.value(0)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn value(&mut self, depth: usize) -> Result<Value> {
        if depth > DEEPEST {
            bail!("the literal nests deeper than {DEEPEST} levels at byte {}", self.at);
        }
        match self.peek() {
            Some('{') => self.object(depth),
            Some('[') => self.array(depth),
            Some('"') => Ok(Value::String(self.string()?)),
            Some('!') => self.flag(),
            Some('-' | '.' | '0'..='9') => self.number(),
            Some('n') if self.word() == "null" => Ok(Value::Null),
            _ => bail!("not plain data at byte {}", self.at),
        }
    }

    fn object(&mut self, depth: usize) -> Result<Value> {
        let mut members = Map::new();
        self.expect('{')?;
        while self.peek() != Some('}') {
            let key = if self.peek() == Some('"') { self.string()? } else { self.word().to_owned() };
            self.expect(':')?;
            members.insert(key, self.value(depth + 1)?);
            if self.peek() != Some('}') {
                self.expect(',')?;
            }
        }
        self.expect('}')?;
        Ok(Value::Object(members))
    }

    fn array(&mut self, depth: usize) -> Result<Value> {
        let mut items = Vec::new();
        self.expect('[')?;
        while self.peek() != Some(']') {
            items.push(self.value(depth + 1)?);
            if self.peek() != Some(']') {
                self.expect(',')?;
            }
        }
        self.expect(']')?;
        Ok(Value::Array(items))
    }

    fn string(&mut self) -> Result<String> {
        let start = self.at;
        let mut escaped = false;
        let body = self.text[start + 1..].char_indices().find(|&(_, character)| {
            let ends = character == '"' && !escaped;
            escaped = character == '\\' && !escaped;
            ends
        });
        let (length, _) = body.with_context(|| format!("the string at byte {start} does not end"))?;
        self.at = start + length + 2;
        serde_json::from_str(&self.text[start..self.at]).with_context(|| format!("bad string at byte {start}"))
    }

    /// `!0` is true and `!1` false.
    fn flag(&mut self) -> Result<Value> {
        let flag = match self.text.get(self.at..self.at + 2) {
            Some("!0") => true,
            Some("!1") => false,
            _ => bail!("not plain data at byte {}", self.at),
        };
        self.at += 2;
        Ok(Value::Bool(flag))
    }

    fn number(&mut self) -> Result<Value> {
        let start = self.at;
        let digits = self.take(|character| character.is_ascii_digit() || "+-.eE".contains(character));
        let number = match digits.parse::<i64>() {
            Ok(whole) => Some(Number::from(whole)),
            Err(_) => digits.parse().ok().and_then(Number::from_f64),
        };
        number.map(Value::Number).with_context(|| format!("bad number {digits} at byte {start}"))
    }

    fn word(&mut self) -> &'a str {
        self.take(|character| character.is_ascii_alphanumeric() || "_$".contains(character))
    }

    fn take(&mut self, accept: impl Fn(char) -> bool) -> &'a str {
        let rest = &self.text[self.at..];
        let length = rest.find(|character| !accept(character)).unwrap_or(rest.len());
        self.at += length;
        &rest[..length]
    }

    fn peek(&self) -> Option<char> {
        self.text[self.at..].chars().next()
    }

    fn expect(&mut self, character: char) -> Result<()> {
        if self.peek() != Some(character) {
            bail!("expected {character:?} at byte {}", self.at);
        }
        self.at += character.len_utf8();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn reads_what_a_minifier_writes() -> Result<()> {
        let text = r#"{a:{b_1:[null,299,-.5,1e-3,8.9e-7],"c d":!0,e:!1},f:"x\"y\\",g:[],h:{}},{}]},{},[1])(1)});"#;
        let expected = json!({
            "a": { "b_1": [null, 299, -0.5, 1e-3, 8.9e-7], "c d": true, "e": false },
            "f": "x\"y\\", "g": [], "h": {}
        });
        assert_eq!(parse(text)?, expected);
        Ok(())
    }

    #[test]
    fn refuses_anything_but_data() {
        for text in ["", "{a:b}", "{a:f()}", "{a:1", "[1 2]", "{a:!2}", "\"x", "{a:1-}", "{1,2}", "nul", "new X"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse(&"[".repeat(1000)).is_err());
    }
}
