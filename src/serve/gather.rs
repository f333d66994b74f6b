//! Replies from other networks: the button of a page that is discussed there.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use percent_encoding::percent_decode_str;
use tokio::task::spawn_blocking;

use super::reply::is_from_here;
use super::state::ServerState;
use crate::http::response;

/// The address that the button posts to, with the path of the page as `page`.
pub const GATHER: &str = "/-/gather";

/// Brings in the replies to a page, and answers with a line for the author. Only a page of this server can ask for it, and
/// only on this computer: it writes into the site, and sends requests.
pub async fn gather(State(state): State<Arc<ServerState>>, request: Request) -> Response {
    if !state.interface.is_loopback() || !is_from_here(request.headers()) {
        let message = "Replies are gathered for pages of this preview on this computer, and for no others.\n";
        return response::text(StatusCode::FORBIDDEN, message);
    }
    let page = request.uri().query().and_then(|query| query.strip_prefix("page="));
    let page = page.map(|page| percent_decode_str(page).decode_utf8_lossy().into_owned()).unwrap_or_default();
    let view = Arc::clone(&state.view);
    match spawn_blocking(move || view.gather(&page)).await {
        Ok(Ok(message)) => response::text(StatusCode::OK, message),
        Ok(Err(message)) => response::text(StatusCode::CONFLICT, message),
        Err(_) => response::text(StatusCode::INTERNAL_SERVER_ERROR, "The preview has failed.\n"),
    }
}
