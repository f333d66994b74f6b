//! What the reply form may post.

use causerie::MAX_BODY;

use crate::client::{Answer, exchange, get, post};
use crate::fake::{ENDPOINT, Fake, Server};

const FORM: &str = "Content-Type: application/x-www-form-urlencoded\r\n";

fn is_refused(answer: &Answer, status: u16, words: &str) {
    assert_eq!((answer.status, answer.header("content-type")), (status, "text/html; charset=utf-8"), "{answer:?}");
    assert!(answer.body.contains(words), "{}", answer.body);
    assert!(answer.body.contains("Back to the page"));
    assert!(!answer.body.contains("live.js"), "to load it again would post the form again");
}

#[test]
fn a_reply_leads_to_where_it_is_shown() {
    let fake = Fake::of(&[]);
    let server = Server::start(&fake);
    let headers = format!("{FORM}Origin: http://{}\r\nSec-Fetch-Site: same-origin\r\n", server.address);
    let answer = post(server.address, ENDPOINT, &headers, "comment=Fine&page=%2F");
    assert_eq!((answer.status, answer.header("location")), (303, "/posts/th%C3%A9/#comment-7"));
    assert_eq!(fake.replies(), ["Fine"]);
    // A program may post, too, and a form may name its encoding.
    let headers = "Content-Type: Application/X-WWW-Form-URLEncoded; charset=utf-8\r\n";
    assert_eq!(post(server.address, "/-/c%6fmments", headers, "comment=b").status, 303);
}

#[test]
fn what_is_refused_is_reported_and_not_taken() {
    let fake = Fake::of(&[]);
    let server = Server::start(&fake);
    let address = server.address;
    let send = |headers: &str, form: &str| post(address, ENDPOINT, headers, form);
    let foreign = format!("{FORM}Origin: http://elsewhere.example\r\n");
    is_refused(&send(&foreign, "comment=a"), 403, "not on a page of this site");
    let foreign = format!("{FORM}Sec-Fetch-Site: cross-site\r\n");
    is_refused(&send(&foreign, "comment=a"), 403, "not on a page of this site");
    is_refused(&send("", "comment=a"), 415, "not what the form on the page sends");
    is_refused(&send("Content-Type: text/plain\r\n", "comment=a"), 415, "not what the form on the page sends");
    is_refused(
        &send("Content-Type: multipart/form-data; boundary=a\r\n", "comment=a"),
        415,
        "not what the form on the page sends",
    );
    is_refused(&send(FORM, &format!("comment={}", "a".repeat(MAX_BODY))), 413, "too large");
    is_refused(&send(FORM, &format!("comment={}", "a".repeat(4 * 1024 * 1024))), 413, "too large");
    is_refused(&send(FORM, "comment=&page=/"), 422, "There is no &lt;text&gt; in it");
    let referer = format!("{FORM}Referer: http://{address}/tea/?a=%22\r\n");
    is_refused(&send(&referer, "comment=&page=/"), 422, "href=\"/tea/?a=%22\"");
    let referer = format!("{FORM}Referer: http://elsewhere.example/tea/\r\n");
    is_refused(&send(&referer, "comment=&page=/"), 422, "href=\"/\"");

    // Chunks say no length before they come.
    let chunk = format!("10000\r\n{}\r\n", "a".repeat(0x10000));
    let head = format!("POST {ENDPOINT} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{FORM}");
    let chunked = format!("{head}Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n", chunk.repeat(6));
    is_refused(&exchange(address, chunked.as_bytes()), 413, "too large");

    let stranger = format!(
        "POST {ENDPOINT} HTTP/1.1\r\nHost: rebound.example\r\nConnection: close\r\n{FORM}Content-Length: 9\r\n\r\n"
    );
    assert_eq!(exchange(address, format!("{stranger}comment=a").as_bytes()).status, 421);
    assert_eq!(post(address, "/", FORM, "comment=a").status, 405);
    assert_eq!(get(address, &format!("{ENDPOINT}?comment=a")).status, 404);
    assert_eq!(fake.replies(), Vec::<String>::new());
}

#[test]
fn a_form_that_is_as_long_as_it_may_be() {
    let fake = Fake::of(&[]);
    let server = Server::start(&fake);
    let form = format!("comment={}", "a".repeat(MAX_BODY - "comment=".len()));
    assert_eq!(post(server.address, ENDPOINT, FORM, &form).status, 303);
    assert_eq!(fake.replies(), [&form["comment=".len()..]]);
}

#[test]
fn a_form_that_breaks_off_is_not_taken() {
    let fake = Fake::of(&[]);
    let server = Server::start(&fake);
    let address = server.address;
    let request =
        format!("POST {ENDPOINT} HTTP/1.1\r\nHost: {address}\r\n{FORM}Content-Length: 100\r\n\r\ncomment=half");
    let stream = std::net::TcpStream::connect(address).expect("the server listens");
    std::io::Write::write_all(&mut &stream, request.as_bytes()).expect("the server reads");
    drop(stream);
    // Whatever was made of it was made before this is answered: there is one thread.
    assert_eq!(get(address, "/").status, 404);
    assert_eq!(fake.replies(), Vec::<String>::new());
}
