//! Where in a document a field stands.

/// The line of the field, such as `goals[0].that`, or of the innermost part of it that is there; none
/// if not even the first is. The text is sound JSON.
pub(crate) fn line_of(text: &str, field: &str) -> Option<usize> {
    let mut scan = Scan { text: text.as_bytes(), at: 0 };
    let mut found = None;
    for step in steps(field) {
        let is_there = match step {
            Step::Name(name) => scan.enter_member(name),
            Step::Number(number) => scan.enter_item(number),
        };
        if !is_there {
            break;
        }
        found = Some(scan.at);
    }
    let before = &text.as_bytes()[..found?];
    Some(1 + before.iter().filter(|byte| **byte == b'\n').count())
}

enum Step<'f> {
    Name(&'f str),
    Number(usize),
}

fn steps(field: &str) -> impl Iterator<Item = Step<'_>> {
    field.split(['.', '[']).filter_map(|part| {
        let number = part.strip_suffix(']').map(str::parse);
        Some(match number {
            Some(number) => Step::Number(number.ok()?),
            None => Step::Name(part),
        })
    })
}

/// Reads on from value to value.
struct Scan<'t> {
    text: &'t [u8],
    at: usize,
}

impl Scan<'_> {
    /// From the start of an object to that of a member's value.
    fn enter_member(&mut self, name: &str) -> bool {
        if !self.take(b'{') {
            return false;
        }
        while self.peek() == Some(b'"') {
            let start = self.at + 1;
            self.skip_text();
            let key = self.text.get(start..self.at.saturating_sub(1));
            self.take(b':');
            if key == Some(name.as_bytes()) {
                self.peek();
                return true;
            }
            self.skip_value();
            self.take(b',');
        }
        false
    }

    /// From the start of a list to that of an item.
    fn enter_item(&mut self, number: usize) -> bool {
        if !self.take(b'[') {
            return false;
        }
        for _ in 0..number {
            self.skip_value();
            if !self.take(b',') {
                return false;
            }
        }
        self.peek().is_some_and(|byte| byte != b']')
    }

    fn skip_value(&mut self) {
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => self.skip_text(),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                _ => self.skip_word(),
            }
            if depth == 0 {
                break;
            }
        }
    }

    fn skip_text(&mut self) {
        self.at += 1;
        while let Some(byte) = self.text.get(self.at) {
            self.at += if *byte == b'\\' { 2 } else { 1 };
            if *byte == b'"' {
                break;
            }
        }
    }

    /// A number, or `true`, `false`, `null`.
    fn skip_word(&mut self) {
        let ends = |byte: &u8| b",:]}\" \t\r\n".contains(byte);
        self.at += self.text[self.at..].iter().position(ends).unwrap_or(self.text.len() - self.at);
    }

    fn take(&mut self, expected: u8) -> bool {
        let is_it = self.peek() == Some(expected);
        self.at += usize::from(is_it);
        is_it
    }

    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        while self.text.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
        self.text.get(self.at).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_is_found_by_its_path() {
        let text = "{\n\"a\": [1, {\"b\\\"]\": 2},\n\"x\", [true,\nnull]],\n\"b\": {\"c\":\n{\"d\": \n-1e5}}\n}";
        for (field, line) in [
            ("a", Some(2)),
            ("a[1]", Some(2)),
            ("a[2]", Some(3)),
            ("a[3][1]", Some(4)),
            ("b.c", Some(6)),
            ("b.c.d", Some(7)),
            ("b.c.e", Some(6)),
            ("a[9]", Some(2)),
            ("a.b", Some(2)),
            ("b[0]", Some(5)),
            ("c", None),
        ] {
            assert_eq!(line_of(text, field), line, "{field}");
        }
    }

    #[test]
    fn what_is_no_json_is_no_trouble() {
        for text in
            ["", "{", "{\"a\"", "{\"a\":", "[[[", "\"", "{\"a\":\"\\", "{\"b\":[,]}}}", "{a:1}"]
        {
            for field in ["a", "a.b", "a[3]", "", "[", "a[", "a[x]"] {
                let line = line_of(text, field);
                assert!(line.is_none_or(|line| line == 1), "{text} {field}");
            }
        }
    }
}
