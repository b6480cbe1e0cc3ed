//! A Rust file as the rules look at it: which of our modules and which crates it names.
//!
//! It is read as tokens, not compiled: comments and literals are blanked first, `use` trees are
//! spread out, `super` and `self` are resolved from the file's place, and a name that a `use`
//! brought in stands for what it imports. Names that come through a glob or a macro are not seen.

use std::collections::BTreeMap;
use std::path::Path;

/// One file; `path` is relative to the package, with `/`.
pub(super) struct Source {
    pub(super) path: String,
    pub(super) text: String,
}

/// A name in code, one word a step: `["crate", "model", "key"]` or `["rusqlite", "Connection"]`.
pub(super) type Name = Vec<String>;

impl Source {
    pub(super) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_owned(), text: text.to_owned() }
    }

    /// All files with this ending under a folder of the package.
    pub(super) fn all(folder: &str, ending: &str) -> Vec<Self> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = Vec::new();
        let mut folders = vec![root.join(folder)];
        while let Some(folder) = folders.pop() {
            for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
                if path.is_dir() {
                    folders.push(path);
                } else if path.to_str().unwrap().ends_with(ending) {
                    let name = path.strip_prefix(root).unwrap().to_str().unwrap().replace('\\', "/");
                    found.push(Self::new(&name, &std::fs::read_to_string(&path).unwrap()));
                }
            }
        }
        assert!(!found.is_empty(), "no {ending} under {folder}");
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// The text before the unit tests, which stand last in a file.
    pub(super) fn without_tests(&self) -> &str {
        if self.path.ends_with("/tests.rs") {
            return "";
        }
        self.text.split("#[cfg(test)]").next().unwrap()
    }

    /// Every name with more than one step, ours as `crate::…`.
    pub(super) fn names(&self) -> Vec<Name> {
        let tokens = tokens(&blanked(&self.text));
        let mut reader = Reader {
            tokens: &tokens,
            at: 0,
            place: self.module(),
            inline: Vec::new(),
            imports: BTreeMap::new(),
        };
        reader.names()
    }

    /// Where the file stands in the module tree, without `crate`.
    fn module(&self) -> Name {
        let path = self.path.trim_start_matches("src/").trim_end_matches(".rs").trim_end_matches("/mod");
        if matches!(path, "lib" | "main") { Vec::new() } else { path.split('/').map(str::to_owned).collect() }
    }
}

struct Reader<'a> {
    tokens: &'a [String],
    at: usize,
    place: Name,
    /// The depth of braces at which each inline module that is open began.
    inline: Vec<usize>,
    imports: BTreeMap<String, Name>,
}

impl Reader<'_> {
    fn names(&mut self) -> Vec<Name> {
        let mut found = Vec::new();
        let mut depth = 0_usize;
        while let Some(token) = self.tokens.get(self.at) {
            match token.as_str() {
                "{" => depth += 1,
                "}" => {
                    depth = depth.saturating_sub(1);
                    if self.inline.last() == Some(&depth) {
                        self.inline.pop();
                        self.place.pop();
                    }
                }
                "mod" if self.tokens.get(self.at + 2).is_some_and(|next| next == "{") => {
                    self.place.push(self.tokens[self.at + 1].clone());
                    self.inline.push(depth);
                    self.at += 1;
                }
                "use" => {
                    self.at += 1;
                    for (name, alias) in self.tree() {
                        let name = self.resolved(name);
                        self.imports.insert(alias, name.clone());
                        found.push(name);
                    }
                    continue;
                }
                word if is_word(word) && self.tokens.get(self.at + 1).is_some_and(|next| next == "::") => {
                    let name = self.plain();
                    found.push(self.resolved(name));
                    continue;
                }
                _ => {}
            }
            self.at += 1;
        }
        found
    }

    /// Words joined by `::`, as far as they go.
    fn plain(&mut self) -> Name {
        let mut name = vec![self.tokens[self.at].clone()];
        self.at += 1;
        while self.peek("::") && self.tokens.get(self.at + 1).is_some_and(|next| is_word(next)) {
            name.push(self.tokens[self.at + 1].clone());
            self.at += 2;
        }
        name
    }

    /// What a `use` brings in: each name, and what it is called from then on.
    fn tree(&mut self) -> Vec<(Name, String)> {
        let mut stem = Name::new();
        loop {
            if self.peek("{") {
                return self.branches(&stem);
            }
            let Some(word) = self.tokens.get(self.at).cloned() else { return Vec::new() };
            self.at += 1;
            if word == "::" {
                continue;
            }
            stem.push(word);
            if self.peek("as") {
                let alias = self.tokens[self.at + 1].clone();
                self.at += 2;
                return vec![(stem, alias)];
            }
            if self.peek("::") {
                continue;
            }
            if stem.len() > 1 && stem.last().is_some_and(|word| word == "self") {
                stem.pop();
            }
            let alias = stem.last().cloned().unwrap();
            return vec![(stem, alias)];
        }
    }

    fn branches(&mut self, stem: &Name) -> Vec<(Name, String)> {
        let mut all = Vec::new();
        self.at += 1;
        while !self.peek("}") && self.at < self.tokens.len() {
            for (rest, alias) in self.tree() {
                let is_stem = rest == ["self"];
                let name = if is_stem { stem.clone() } else { [stem.as_slice(), &rest].concat() };
                let alias = if alias == "self" { stem.last().cloned().unwrap() } else { alias };
                all.push((name, alias));
            }
            if self.peek(",") {
                self.at += 1;
            }
        }
        self.at += 1;
        all
    }

    fn resolved(&self, name: Name) -> Name {
        let n_up = name.iter().take_while(|word| *word == "super").count();
        let ours = |place: &[String], rest: &[String]| [&["crate".to_owned()], place, rest].concat();
        match name.first().map(String::as_str) {
            Some("super") => ours(&self.place[..self.place.len().saturating_sub(n_up)], &name[n_up..]),
            Some("self") => ours(&self.place, &name[1..]),
            Some("keysrv") => ours(&[], &name[1..]),
            Some(first) => match self.imports.get(first) {
                Some(imported) => [imported.as_slice(), &name[1..]].concat(),
                None => name,
            },
            None => name,
        }
    }

    fn peek(&self, token: &str) -> bool {
        self.tokens.get(self.at).is_some_and(|next| next == token)
    }
}

fn is_word(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

fn tokens(code: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = code;
    while let Some(c) = rest.chars().next() {
        let n = if is_word(rest) {
            rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len())
        } else if rest.starts_with("::") {
            2
        } else {
            c.len_utf8()
        };
        if !c.is_whitespace() {
            tokens.push(rest[..n].to_owned());
        }
        rest = &rest[n..];
    }
    tokens
}

/// The code with a space for every comment, string and character.
fn blanked(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let n = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |end| end + 2)
        } else if rest.starts_with("r#\"") {
            rest.find("\"#").map_or(rest.len(), |end| end + 2)
        } else if c == '"' {
            quoted(rest, '"')
        } else if c == '\'' && is_character(rest) {
            quoted(rest, '\'')
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
            continue;
        };
        code.push(' ');
        rest = &rest[n..];
    }
    code
}

/// Whether a `'` begins a character and not a lifetime.
fn is_character(rest: &str) -> bool {
    let mut chars = rest.chars().skip(1);
    chars.next() == Some('\\') || chars.next() == Some('\'')
}

fn quoted(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, c) in rest.char_indices().skip(1) {
        if c == quote && !escaped {
            return at + 1;
        }
        escaped = c == '\\' && !escaped;
    }
    rest.len()
}
