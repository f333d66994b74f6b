//! Where the server begins and ends.

use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, TcpStream};

use causerie::serve;

use crate::client::Events;
use crate::fake::{Fake, Server};

#[test]
fn nobody_holds_the_server_up() {
    let fake = Fake::of(&[("index.html", "home")]);
    let mut server = Server::start(&fake);
    let mut events = Events::of(server.address, &["/"]);
    assert!(events.next().is_some());
    let _unused = TcpStream::connect(server.address).expect("the server listens");
    let mut half = TcpStream::connect(server.address).expect("the server listens");
    half.write_all(b"GET / HTTP/1.1\r\nHost: loc").expect("the server reads");
    assert!(server.stop(), "it ends although connections are open");
    while events.next().is_some() {}
    assert!(TcpStream::connect(server.address).is_err());
}

#[test]
fn the_next_free_port_is_taken_unless_one_was_asked_for() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let interface = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let port = async |asked| {
            let listener = serve::bind(interface, asked).await?;
            std::io::Result::Ok((listener.local_addr()?.port(), listener))
        };
        let (first, _held) = port(None).await.expect("a free port");
        let (second, _held) = port(None).await.expect("another free port");
        assert!((serve::PORT..second).contains(&first), "{first}, {second}");
        assert!(port(Some(first)).await.is_err());
    });
}
