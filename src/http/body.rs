//! What was posted, read within bounds. The preview's replies come in this way too.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::replies::{Fields, MAX_BODY, Refusal, Submission, fields};

/// How much of a body that is too large is read all the same: a browser shows an answer only once it could send all.
const MAX_READ: usize = 16 * 1024 * 1024;

/// How long a body may take. The longest reply over a connection of 8 KiB a second takes 36 seconds.
const PATIENCE: Duration = Duration::from_secs(60);

/// How long the next part of a body may take.
const SILENCE: Duration = Duration::from_secs(15);

/// So much of a body is kept whatever else is: nearly all replies are shorter, and no flood of long ones keeps them out.
const SHORT: usize = 16 * 1024;

/// So much of all bodies together is kept besides, in bytes.
const LONG: usize = 4 * 1024 * 1024;

/// The room for long bodies.
#[derive(Clone, Debug)]
pub struct BodyQuota(Arc<Semaphore>);

impl Default for BodyQuota {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(LONG)))
    }
}

/// What becomes of a body while it is read.
#[derive(Clone, Copy)]
enum BodyPolicy<'a> {
    Nothing,
    All,
    Within(&'a BodyQuota),
}

/// A body, and what it is.
#[derive(Debug)]
pub struct ReceivedBody {
    body: Vec<u8>,
    kind: BodyFormat,
    /// The room that it takes.
    _taken: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyFormat {
    Form,
    Json,
}

impl ReceivedBody {
    /// Reads the body of a request to its end, or as far as anybody can be expected to.
    ///
    /// # Errors
    /// It is nothing that a form or a script of ours sends, is too large, or does not come.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        Self::kept(headers, body, BodyPolicy::All).await
    }

    /// The same, as long as there is room for it.
    ///
    /// # Errors
    /// As [`ReceivedBody::read`], or there is no room.
    pub async fn read_within(room: &BodyQuota, headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        Self::kept(headers, body, BodyPolicy::Within(room)).await
    }

    async fn kept(headers: &HeaderMap, body: Body, keep: BodyPolicy<'_>) -> Result<Self, Refusal> {
        let kind = kind(headers);
        // The body is read in any case: what was refused before it was sent is answered to nobody.
        let keep = if kind.is_some() { keep } else { BodyPolicy::Nothing };
        let (body, taken) = timeout(PATIENCE, all(body, keep)).await.unwrap_or(Err(Refusal::TooSlow))?;
        Ok(Self { body, kind: kind.ok_or(Refusal::WrongType)?, _taken: taken })
    }

    /// The fields of a form that is no reply.
    ///
    /// # Errors
    /// It is no form.
    pub fn fields(&self) -> Result<Fields<'_>, Refusal> {
        match self.kind {
            BodyFormat::Form => fields(&self.body),
            BodyFormat::Json => Err(Refusal::WrongType),
        }
    }

    /// The fields.
    ///
    /// # Errors
    /// It is not what its type says.
    pub fn sent(&self) -> Result<Submission<'_>, Refusal> {
        match self.kind {
            BodyFormat::Form => Submission::urlencoded(&self.body),
            BodyFormat::Json => Submission::json(&self.body),
        }
    }
}

/// Reads a body to its end that says nothing which is not known already, whatever it is made of.
///
/// # Errors
/// It is too large, or does not come.
pub async fn pass_over(body: Body) -> Result<(), Refusal> {
    timeout(PATIENCE, all(body, BodyPolicy::Nothing)).await.unwrap_or(Err(Refusal::TooSlow)).map(drop)
}

async fn all(body: Body, keep: BodyPolicy<'_>) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), Refusal> {
    let mut stream = body.into_data_stream();
    let mut form = Vec::new();
    let mut taken: Option<OwnedSemaphorePermit> = None;
    let mut has_room = true;
    let mut length = 0_usize;
    while let Some(part) = timeout(SILENCE, stream.next()).await.map_err(|_| Refusal::TooSlow)? {
        let part = part.map_err(|_| Refusal::Incomplete)?;
        length = length.saturating_add(part.len());
        if length > MAX_READ {
            break;
        }
        if let BodyPolicy::Within(BodyQuota(room)) = keep
            && has_room
            && length <= MAX_BODY
            && let more @ 1.. = length.saturating_sub(SHORT).min(part.len())
        {
            // As much as has come: whoever sends slowly takes no more room than they have filled.
            match Arc::clone(room).try_acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX)) {
                Ok(permit) => match &mut taken {
                    Some(taken) => taken.merge(permit),
                    None => taken = Some(permit),
                },
                Err(_) => has_room = false,
            }
        }
        if length <= MAX_BODY && has_room && !matches!(keep, BodyPolicy::Nothing) {
            form.extend_from_slice(&part);
        } else {
            (form, taken) = (Vec::new(), None);
        }
    }
    match (length > MAX_BODY, has_room) {
        (true, _) => Err(Refusal::TooLarge),
        (false, false) => Err(Refusal::Busy),
        (false, true) => Ok((form, taken)),
    }
}

/// What a body is said to be. One that is packed is none of ours: what comes out of it may be of any size.
fn kind(headers: &HeaderMap) -> Option<BodyFormat> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(mime), None) = (types.next(), types.next()) else { return None };
    let essence = mime.to_str().ok()?.split(';').next()?.trim();
    let kinds = [("application/x-www-form-urlencoded", BodyFormat::Form), ("application/json", BodyFormat::Json)];
    kinds.into_iter().find(|(name, _)| essence.eq_ignore_ascii_case(name)).map(|(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn long_bodies_share_a_room_and_short_ones_need_none() {
        let room = BodyQuota(Arc::new(Semaphore::new(100_000)));
        let form = headers(&[(CONTENT_TYPE, "application/x-www-form-urlencoded")]);
        let read = async |length: usize| ReceivedBody::read_within(&room, &form, Body::from(vec![b'a'; length])).await;
        let first = read(SHORT + 60_000).await.expect("there is room");
        assert_eq!(read(SHORT + 60_000).await.map(drop), Err(Refusal::Busy));
        let short = read(SHORT).await.expect("it needs none");
        assert_eq!((first.body.len(), short.body.len(), room.0.available_permits()), (SHORT + 60_000, SHORT, 40_000));
        drop(first);
        read(SHORT + 100_000).await.map(drop).expect("there is room again");
        assert_eq!(read(MAX_BODY + 1).await.map(drop), Err(Refusal::TooLarge));
        let packed = ReceivedBody::read_within(&room, &HeaderMap::new(), Body::from(vec![0; MAX_BODY])).await;
        assert_eq!((packed.map(drop), room.0.available_permits()), (Err(Refusal::WrongType), 100_000));
    }

    fn headers(pairs: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn two_types_are_taken() {
        let kind = |mime: &str| kind(&headers(&[(CONTENT_TYPE, mime)]));
        assert_eq!(kind("application/x-www-form-urlencoded"), Some(BodyFormat::Form));
        assert_eq!(kind("Application/JSON ; charset=utf-8"), Some(BodyFormat::Json));
        for bad in
            ["", "text/plain", "multipart/form-data; boundary=a", "application/jsonx", "application/json, text/plain"]
        {
            assert_eq!(kind(bad), None, "{bad}");
        }
        assert_eq!(super::kind(&headers(&[])), None);
        let json = (CONTENT_TYPE, "application/json");
        assert_eq!(super::kind(&headers(&[json.clone(), json.clone()])), None);
        for packed in ["gzip", "br", "identity"] {
            assert_eq!(super::kind(&headers(&[json.clone(), (CONTENT_ENCODING, packed)])), None);
        }
    }
}
