//! The control API of a sandbox, asked with the least HTTP there is.

use crate::test_env::PATIENCE;
use serde_json::Value as Json;
use std::io::{Read, Write};
use std::net::TcpStream;

/// A sandbox's control API.
pub(crate) struct Control {
    port: u16,
}

impl Control {
    /// That of the sandbox on this port of 127.0.0.1.
    pub(crate) fn new(port: u16) -> Self {
        Self { port }
    }

    /// What a GET answers.
    #[track_caller]
    pub(crate) fn get(&self, path: &str) -> Json {
        self.ask("GET", path, "")
    }

    /// What a POST answers.
    #[track_caller]
    pub(crate) fn post(&self, path: &str, body: &Json) -> Json {
        self.ask("POST", path, &body.to_string())
    }

    /// What any request answers.
    #[track_caller]
    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> Json {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).expect("the sandbox listens");
        stream.set_read_timeout(Some(PATIENCE)).expect("a time limit");
        let length = body.len();
        write!(stream, "{method} /_levee/{path} HTTP/1.1\r\nHost: sandbox\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}")
            .expect("the sandbox reads");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("the sandbox answers");
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer in HTTP");
        assert!(head.contains(" 200 "), "{method} {path}: {answer}");
        serde_json::from_str(body).unwrap_or_else(|e| panic!("{method} {path}: {e}: {body}"))
    }
}
