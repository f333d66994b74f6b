//! Bodies of requests, read within bounds.

use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::HeaderMap;
use axum::http::header::{CONTENT_ENCODING, CONTENT_TYPE};
use futures_util::StreamExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

use crate::replies::{Fields, MAX_BODY, Refusal, Submission, fields};

/// How much of a body is read if it is too large. A browser shows the response only after it could send the whole body.
const MAX_READ: usize = 16 * 1024 * 1024;

/// How long a body may take. The longest reply takes 36 seconds over a connection of 8 KiB a second.
const BODY_TIMEOUT: Duration = Duration::from_secs(60);

/// How long the next chunk of a body may take.
const CHUNK_TIMEOUT: Duration = Duration::from_secs(15);

/// The bytes of a body that need no quota. Nearly all replies are shorter, so a flood of long replies does not block them.
const UNLIMITED_BYTES: usize = 16 * 1024;

/// The bytes beyond that which all bodies together may hold.
const QUOTA_BYTES: usize = 4 * 1024 * 1024;

/// The memory that all long bodies share.
#[derive(Clone, Debug)]
pub struct BodyQuota(Arc<Semaphore>);

impl Default for BodyQuota {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(QUOTA_BYTES)))
    }
}

/// What to keep of a body while it is read.
#[derive(Clone, Copy)]
enum BodyPolicy<'a> {
    Discard,
    Keep,
    KeepWithin(&'a BodyQuota),
}

/// A body that was read completely, and its format.
#[derive(Debug)]
pub struct ReceivedBody {
    body: Vec<u8>,
    format: BodyFormat,
    /// The part of the quota that the body uses.
    _permit: Option<OwnedSemaphorePermit>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum BodyFormat {
    Form,
    Json,
}

impl ReceivedBody {
    /// Reads the body of a request.
    ///
    /// # Errors
    /// The body is neither a form nor JSON, is too large, or does not arrive in time.
    pub async fn read(headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        Self::read_with(headers, body, BodyPolicy::Keep).await
    }

    /// Reads the body of a request within a quota.
    ///
    /// # Errors
    /// As [`ReceivedBody::read`], or the quota is used up.
    pub async fn read_within(quota: &BodyQuota, headers: &HeaderMap, body: Body) -> Result<Self, Refusal> {
        Self::read_with(headers, body, BodyPolicy::KeepWithin(quota)).await
    }

    async fn read_with(headers: &HeaderMap, body: Body, policy: BodyPolicy<'_>) -> Result<Self, Refusal> {
        let format = format_of(headers);
        // The body is read in any case: a client does not read the response before it has sent the body.
        let policy = if format.is_some() { policy } else { BodyPolicy::Discard };
        let (body, permit) = timeout(BODY_TIMEOUT, read_all(body, policy)).await.unwrap_or(Err(Refusal::TooSlow))?;
        Ok(Self { body, format: format.ok_or(Refusal::WrongType)?, _permit: permit })
    }

    /// Parses the fields of a form that is not a reply.
    ///
    /// # Errors
    /// The body is not a form.
    pub fn fields(&self) -> Result<Fields<'_>, Refusal> {
        match self.format {
            BodyFormat::Form => fields(&self.body),
            BodyFormat::Json => Err(Refusal::WrongType),
        }
    }

    /// Parses the fields of a reply.
    ///
    /// # Errors
    /// The body does not have the format that its type states.
    pub fn submission(&self) -> Result<Submission<'_>, Refusal> {
        match self.format {
            BodyFormat::Form => Submission::urlencoded(&self.body),
            BodyFormat::Json => Submission::json(&self.body),
        }
    }
}

/// Reads a body to its end and discards it.
///
/// # Errors
/// The body is too large, or does not arrive in time.
pub async fn discard(body: Body) -> Result<(), Refusal> {
    timeout(BODY_TIMEOUT, read_all(body, BodyPolicy::Discard)).await.unwrap_or(Err(Refusal::TooSlow)).map(drop)
}

async fn read_all(body: Body, policy: BodyPolicy<'_>) -> Result<(Vec<u8>, Option<OwnedSemaphorePermit>), Refusal> {
    let mut stream = body.into_data_stream();
    let mut kept = Vec::new();
    let mut permit: Option<OwnedSemaphorePermit> = None;
    let mut has_room = true;
    let mut length = 0_usize;
    while let Some(chunk) = timeout(CHUNK_TIMEOUT, stream.next()).await.map_err(|_| Refusal::TooSlow)? {
        let chunk = chunk.map_err(|_| Refusal::Incomplete)?;
        length = length.saturating_add(chunk.len());
        if length > MAX_READ {
            break;
        }
        if let BodyPolicy::KeepWithin(BodyQuota(quota)) = policy
            && has_room
            && length <= MAX_BODY
            && let needed @ 1.. = length.saturating_sub(UNLIMITED_BYTES).min(chunk.len())
        {
            // Only received bytes count, so a slow client uses no more of the quota than it has sent.
            match Arc::clone(quota).try_acquire_many_owned(u32::try_from(needed).unwrap_or(u32::MAX)) {
                Ok(more) => match &mut permit {
                    Some(permit) => permit.merge(more),
                    None => permit = Some(more),
                },
                Err(_) => has_room = false,
            }
        }
        if length <= MAX_BODY && has_room && !matches!(policy, BodyPolicy::Discard) {
            kept.extend_from_slice(&chunk);
        } else {
            (kept, permit) = (Vec::new(), None);
        }
    }
    match (length > MAX_BODY, has_room) {
        (true, _) => Err(Refusal::TooLarge),
        (false, false) => Err(Refusal::Busy),
        (false, true) => Ok((kept, permit)),
    }
}

/// Returns the format that the headers state. A compressed body has none, because its contents may have any size.
fn format_of(headers: &HeaderMap) -> Option<BodyFormat> {
    if headers.contains_key(CONTENT_ENCODING) {
        return None;
    }
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let (Some(mime), None) = (types.next(), types.next()) else { return None };
    let essence = mime.to_str().ok()?.split(';').next()?.trim();
    let formats = [("application/x-www-form-urlencoded", BodyFormat::Form), ("application/json", BodyFormat::Json)];
    formats.into_iter().find(|(name, _)| essence.eq_ignore_ascii_case(name)).map(|(_, format)| format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn long_bodies_share_a_quota_and_short_bodies_need_none() {
        let quota = BodyQuota(Arc::new(Semaphore::new(100_000)));
        let form = headers(&[(CONTENT_TYPE, "application/x-www-form-urlencoded")]);
        let read = async |length: usize| ReceivedBody::read_within(&quota, &form, Body::from(vec![b'a'; length])).await;
        let first = read(UNLIMITED_BYTES + 60_000).await.expect("the quota is large enough");
        assert_eq!(read(UNLIMITED_BYTES + 60_000).await.map(drop), Err(Refusal::Busy));
        let short = read(UNLIMITED_BYTES).await.expect("it needs no quota");
        assert_eq!(
            (first.body.len(), short.body.len(), quota.0.available_permits()),
            (UNLIMITED_BYTES + 60_000, UNLIMITED_BYTES, 40_000)
        );
        drop(first);
        read(UNLIMITED_BYTES + 100_000).await.map(drop).expect("the quota is free again");
        assert_eq!(read(MAX_BODY + 1).await.map(drop), Err(Refusal::TooLarge));
        let compressed = ReceivedBody::read_within(&quota, &HeaderMap::new(), Body::from(vec![0; MAX_BODY])).await;
        assert_eq!((compressed.map(drop), quota.0.available_permits()), (Err(Refusal::WrongType), 100_000));
    }

    fn headers(pairs: &[(axum::http::HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(name, value.parse().expect("a header"));
        }
        headers
    }

    #[test]
    fn two_types_are_accepted() {
        let format = |mime: &str| format_of(&headers(&[(CONTENT_TYPE, mime)]));
        assert_eq!(format("application/x-www-form-urlencoded"), Some(BodyFormat::Form));
        assert_eq!(format("Application/JSON ; charset=utf-8"), Some(BodyFormat::Json));
        for bad in
            ["", "text/plain", "multipart/form-data; boundary=a", "application/jsonx", "application/json, text/plain"]
        {
            assert_eq!(format(bad), None, "{bad}");
        }
        assert_eq!(format_of(&headers(&[])), None);
        let json = (CONTENT_TYPE, "application/json");
        assert_eq!(format_of(&headers(&[json.clone(), json.clone()])), None);
        for packed in ["gzip", "br", "identity"] {
            assert_eq!(format_of(&headers(&[json.clone(), (CONTENT_ENCODING, packed)])), None);
        }
    }
}
