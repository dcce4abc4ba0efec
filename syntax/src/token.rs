//! What a text is made of.

/// One token: what it is, and which bytes of the text it covers. Between tokens there are only spaces and tabs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token {
    /// What it is.
    pub kind: TokenKind,
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Token {
    /// Its bytes' places in the text.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Its text.
    pub fn text(self, whole: &str) -> &str {
        whole.get(self.range()).unwrap_or("")
    }
}

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TokenKind {
    /// `{`
    OpenBrace,
    /// `}`
    CloseBrace,
    /// `[`
    OpenBracket,
    /// `]`
    CloseBracket,
    /// `(`
    OpenParen,
    /// `)`
    CloseParen,
    /// `"`, where a template begins
    OpenQuote,
    /// `"`, where it ends
    CloseQuote,
    /// `<<NAME` or `<<-NAME` with the end of its line
    OpenHeredoc,
    /// The closing name with the spaces around it; the end of its line is a token of its own.
    CloseHeredoc,

    /// `*`
    Star,
    /// `/`
    Slash,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `%`
    Percent,
    /// `=`
    Assign,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `!`
    Not,
    /// `.`
    Dot,
    /// `,`
    Comma,
    /// `::`
    DoubleColon,
    /// `...`
    Ellipsis,
    /// `=>`
    FatArrow,
    /// `?`
    Question,
    /// `:`
    Colon,

    /// `${` or `${~`
    Interpolation,
    /// `%{` or `%{~`
    Directive,
    /// `}` or `~}`, where either of them ends
    TemplateEnd,
    /// Text between quotes; it may hold escapes.
    QuotedText,
    /// Text of a heredoc or of a template that is a file; at most one line.
    Text,
    /// A number, or what looks like one: `1.2.3`.
    Number,
    /// A name or a word of the language.
    Name,

    /// A comment. One that goes to the end of its line includes that end.
    Comment,
    /// The end of a line.
    Newline,
    /// The end of the text; it covers nothing.
    End,

    /// `&`, which means nothing
    BitAnd,
    /// `|`, which means nothing
    BitOr,
    /// `~`, which means nothing
    BitNot,
    /// `^`, which means nothing
    BitXor,
    /// `'`, which means nothing
    Apostrophe,
    /// `` ` ``, which means nothing
    Backtick,
    /// `;`, which means nothing
    Semicolon,
    /// Ends of lines between quotes, where none may be
    QuotedNewline,
    /// A character that means nothing
    Invalid,
    /// What stands for bytes that are no UTF-8
    BadUtf8,
}
