//! The least HTTP there is: one request, one answer, then the connection ends. Enough for the control API.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::time::Duration;

use crate::error::SandboxError;

/// Sends a request to 127.0.0.1 and returns the body of a 200 answer.
pub(crate) fn ask(port: u16, method: &str, path: &str, patience: Duration) -> Result<String, SandboxError> {
    let fault = |reason: String| SandboxError::Answer { port, reason };
    let text = exchange(port, method, path, patience).map_err(|error| fault(error.to_string()))?;
    let (head, body) = text.split_once("\r\n\r\n").ok_or_else(|| fault("it is not HTTP".to_owned()))?;
    let status = head.split(' ').nth(1).unwrap_or_default();
    if status != "200" {
        return Err(fault(format!("status {status}: {body}")));
    }
    Ok(body.to_owned())
}

/// Whether anything accepts connections on the port of 127.0.0.1.
pub(crate) fn listens(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), Duration::from_millis(200)).is_ok()
}

fn exchange(port: u16, method: &str, path: &str, patience: Duration) -> std::io::Result<String> {
    let mut stream = TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), patience)?;
    stream.set_read_timeout(Some(patience))?;
    stream.set_write_timeout(Some(patience))?;
    let request = format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::thread;

    use super::*;

    fn answer_once(answer: &'static str) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut seen = [0; 512];
            let _ = stream.read(&mut seen);
            stream.write_all(answer.as_bytes()).expect("an answer");
        });
        port
    }

    #[test]
    fn the_body_of_an_answer_comes_back() {
        let port = answer_once("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi");
        assert_eq!(ask(port, "GET", "/", Duration::from_secs(5)).expect("an answer"), "hi");
    }

    #[test]
    fn another_status_is_an_error() {
        let port = answer_once("HTTP/1.1 400 Bad Request\r\n\r\nno");
        let error = ask(port, "GET", "/", Duration::from_secs(5)).expect_err("an error");
        assert!(error.to_string().contains("status 400: no"), "{error}");
    }
}
