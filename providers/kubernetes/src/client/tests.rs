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
        // In all namespaces: `m0` and `m1` of each of a hundred, in pages of ten.
        Some(("/api/v1/configmaps", query)) => {
            let first = query.split_once("continue=").map_or(0, |(_, at)| at.parse().unwrap());
            let of = |n: usize| (0..2).map(move |m| json!({ "metadata": { "name": format!("m{m}"), "namespace": format!("n{n}") } }));
            let next = if first + 10 < 100 { (first + 10).to_string() } else { String::new() };
            let items: Vec<Json> = (first..first + 10).flat_map(of).collect();
            (200, json!({ "kind": "ConfigMapList", "apiVersion": "v1", "metadata": { "continue": next }, "items": items }))
        }
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

/// One object in each of many namespaces is read by listing all namespaces, where that takes fewer calls.
#[tokio::test]
async fn many_namespaces_are_read_at_once() {
    let (k, asked) = server().await;
    let one = |n: usize| {
        let place = Place::new("v1", "configmaps", Some(&format!("n{n}")), if n == 7 { "gone" } else { "m1" });
        let k = &k;
        async move { k.read(&place).await.unwrap().is_some() }
    };
    let found = futures::future::join_all((0..20).map(one)).await;
    assert_eq!(found.iter().filter(|there| **there).count(), 19);
    assert!(!found[7] && asked.lock().unwrap().len() == 10, "ten pages, and nothing else");
    asked.lock().unwrap().clear();
    let found = futures::future::join_all((0..6).map(one)).await;
    assert!(found.iter().all(|there| *there));
    assert_eq!(asked.lock().unwrap().len(), 6 + 6, "six pages are as dear as six objects: the list is given up");
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
