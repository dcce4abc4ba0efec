use super::*;
use levee_cluster::Access;
use std::sync::Mutex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// What was asked for, in order.
type Asked = Arc<Mutex<Vec<String>>>;

/// A server with config maps `m0`, `m1` and so on up to `m1199` in the namespace `a`, and `m0` in `b`, where nobody may list.
async fn server() -> (Kubernetes, Asked) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let host = Some(format!("http://{}", listener.local_addr().unwrap()));
    let asked = Asked::default();
    let log = asked.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(serve(stream, log.clone()));
        }
    });
    (Kubernetes::new(Cluster::reach(Access { host, ..Access::default() }, None).await.unwrap()), asked)
}

async fn serve(mut stream: TcpStream, log: Asked) {
    let mut request = vec![0; 8192];
    while let Ok(read) = stream.read(&mut request).await {
        let text = String::from_utf8_lossy(&request[..read]).into_owned();
        let Some(path) = text.split(' ').nth(1) else { return };
        log.lock().unwrap().push(path.to_owned());
        let (code, body) = answer(path);
        let body = body.to_string();
        let head = format!("HTTP/1.1 {code} x\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
        if stream.write_all((head + &body).as_bytes()).await.is_err() {
            return;
        }
    }
}

fn answer(path: &str) -> (u16, Json) {
    let status = |code: u16| (code, json!({ "kind": "Status", "status": "Failure", "code": code, "reason": "x", "message": "m" }));
    let map = |name: &str| json!({ "metadata": { "name": name } });
    match path.split_once('?') {
        Some((path, _)) if path.contains("/b/") => status(403),
        Some((_, query)) => {
            let first = query.split_once("continue=").map_or(0, |(_, at)| at.parse().unwrap());
            let items: Vec<Json> = (first..(first + PAGE).min(1200)).map(|n| map(&format!("m{n}"))).collect();
            let next = if first + PAGE < 1200 { (first + PAGE).to_string() } else { String::new() };
            (200, json!({ "kind": "ConfigMapList", "apiVersion": "v1", "metadata": { "continue": next }, "items": items }))
        }
        None => path.rsplit('/').next().filter(|name| *name != "gone").map_or_else(|| status(404), |name| (200, map(name))),
    }
}

async fn read(k: &Kubernetes, namespace: &str, names: &[String]) -> Vec<Option<String>> {
    let one = |name: &String| {
        let place = Place::new("v1", "configmaps", Some(namespace), name);
        async move { k.read(&place).await.unwrap().map(|o| o["metadata"]["name"].as_str().unwrap().to_owned()) }
    };
    futures::future::join_all(names.iter().map(one)).await
}

#[tokio::test]
async fn many_objects_are_read_by_listing_them() {
    let (k, asked) = server().await;
    let names: Vec<String> = (0..1000).map(|n| format!("m{n}")).chain(["gone".to_owned()]).collect();
    let found = read(&k, "a", &names).await;
    assert_eq!(found[..1000], names[..1000].iter().cloned().map(Some).collect::<Vec<_>>());
    assert_eq!(found[1000], None);
    let path = "/api/v1/namespaces/a/configmaps?limit=500";
    assert_eq!(*asked.lock().unwrap(), [path.to_owned(), format!("{path}&continue=500"), format!("{path}&continue=1000")]);
}

#[tokio::test]
async fn few_objects_are_read_one_by_one_and_so_are_those_that_may_not_be_listed() {
    let (k, asked) = server().await;
    assert_eq!(read(&k, "a", &["m1".to_owned(), "gone".to_owned()]).await, [Some("m1".to_owned()), None]);
    assert_eq!(asked.lock().unwrap().len(), 2);
    let names: Vec<String> = (0..6).map(|n| format!("m{n}")).collect();
    assert!(read(&k, "b", &names).await.iter().all(Option::is_some));
    assert_eq!(asked.lock().unwrap().len(), 2 + 1 + 6);
}
