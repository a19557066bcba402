// SPDX-License-Identifier: Apache-2.0
//! As much JSON as this backend needs: one flat object whose values are strings without escapes or whole numbers.

#[derive(Debug, PartialEq)]
pub enum Value<'a> {
    Text(&'a str),
    Number(i64),
}

/// The members in their order; `None` for everything that is not understood.
pub fn members(text: &[u8]) -> Option<Vec<(&str, Value<'_>)>> {
    let mut rest = std::str::from_utf8(text).ok()?.trim().strip_prefix('{')?;
    let mut found = Vec::new();
    if rest.trim() == "}" {
        return Some(found);
    }
    loop {
        let (name, after) = string(rest.trim_start())?;
        rest = after.trim_start().strip_prefix(':')?.trim_start();
        let (value, after) = match string(rest) {
            Some((text, after)) => (Value::Text(text), after),
            None => number(rest)?,
        };
        found.push((name, value));
        rest = after.trim_start();
        if rest == "}" {
            return Some(found);
        }
        rest = rest.strip_prefix(',')?;
    }
}

fn string(text: &str) -> Option<(&str, &str)> {
    let (content, after) = text.strip_prefix('"')?.split_once('"')?;
    let plain = !content.contains(|c: char| c == '\\' || c.is_control());
    plain.then(|| (content, after))
}

fn number(text: &str) -> Option<(Value<'_>, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    Some((Value::Number(text[..end].parse().ok()?), &text[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flat_objects_are_read() {
        assert_eq!(members(b" { } "), Some(vec![]));
        let both = vec![("a", Value::Text("x,}")), ("b", Value::Number(7))];
        assert_eq!(members(br#"{"a" : "x,}","b":7}"#), Some(both));
    }

    #[test]
    fn all_else_is_refused() {
        for text in [
            r#""#,
            r#"[]"#,
            r#"{"a":}"#,
            r#"{"a":"\n"}"#,
            r#"{"a":1,}"#,
            r#"{"a":-1}"#,
            r#"{"a":{}}"#,
            r#"{"a":1}x"#,
            r#"{"a":99999999999999999999}"#,
        ] {
            assert_eq!(members(text.as_bytes()), None, "{}", text);
        }
    }
}
