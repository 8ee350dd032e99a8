//! One review, from its head to its answer. Every way out of here but one denies or refuses.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use policy_core::{AdmissionReview, RequestHead};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout_at;

use crate::metrics::{Metrics, counted};
use crate::{Judge, Limits, answer};

/// Bodies are counted in units of this size, since a semaphore counts no further than `u32`.
const UNIT: usize = 1024;

/// What judges reviews, and what that may cost.
pub(crate) struct Reviews {
    judge: Arc<dyn Judge>,
    limits: Limits,
    /// Room for bodies, in units.
    room: Arc<Semaphore>,
    /// Threads that may judge.
    turns: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

/// Why there is no answer.
struct Refusal(StatusCode, &'static str);

/// `POST /validate`.
pub(crate) fn routes(reviews: Arc<Reviews>) -> Router {
    Router::new().route("/validate", post(validate)).with_state(reviews)
}

async fn validate(State(reviews): State<Arc<Reviews>>, request: Request) -> Response {
    let start = Instant::now();
    match reviews.review(request, start).await {
        Ok(answer) => reviews.answered(answer, start),
        Err(refusal) => reviews.refused(&refusal, start),
    }
}

impl Reviews {
    pub(crate) fn new(judge: Arc<dyn Judge>, limits: Limits, metrics: Arc<Metrics>) -> Self {
        Self {
            judge,
            limits,
            room: Arc::new(Semaphore::new(units(limits.bodies.max(limits.body)))),
            turns: Arc::new(Semaphore::new(limits.concurrent.max(1))),
            metrics,
        }
    }

    async fn review(&self, request: Request, start: Instant) -> Result<AdmissionReview, Refusal> {
        let until = tokio::time::Instant::from_std(start + self.limits.time);
        if !is_json(request.headers().get(header::CONTENT_TYPE)) {
            return Err(Refusal(StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json"));
        }
        let room = self.room_for(&request)?;
        let body = timeout_at(until, self.read(request.into_body())).await;
        let body = body.map_err(|_| Refusal(StatusCode::REQUEST_TIMEOUT, "the body did not come in time"))??;
        let turn = timeout_at(until, Arc::clone(&self.turns).acquire_owned()).await;
        let Ok(Ok(turn)) = turn else {
            return Err(Refusal(StatusCode::SERVICE_UNAVAILABLE, "no turn came in time"));
        };
        self.judge(body, (room, turn), until).await
    }

    /// Judges on a thread of its own. Where the time is over, that thread goes on and keeps its turn and its room, so
    /// that slow requests cannot pile up.
    async fn judge(
        &self,
        body: Bytes,
        held: (OwnedSemaphorePermit, OwnedSemaphorePermit),
        until: tokio::time::Instant,
    ) -> Result<AdmissionReview, Refusal> {
        let uid = Arc::new(OnceLock::new());
        let (judge, seen, judging) = (Arc::clone(&self.judge), Arc::clone(&uid), self.metrics.judging.clone());
        let work = move || {
            let head = RequestHead::read(&body)?;
            let uid = seen.get_or_init(|| head.uid);
            let _counted = counted(&judging);
            let answer = judge.judge(&body);
            drop((body, held));
            Some((answer.response.uid == *uid).then_some(answer))
        };
        let done = timeout_at(until, tokio::task::spawn_blocking(work)).await;
        let denied = |code: StatusCode, why: &'static str| match uid.get() {
            Some(uid) => Ok(AdmissionReview::denied(uid, code.as_u16(), why)),
            None => Err(Refusal(code, why)),
        };
        match done {
            Ok(Ok(Some(Some(answer)))) => Ok(answer),
            Ok(Ok(None)) => Err(Refusal(
                StatusCode::BAD_REQUEST,
                "this is no admission.k8s.io/v1 AdmissionReview with `request.uid`",
            )),
            Ok(Ok(Some(None))) => denied(StatusCode::INTERNAL_SERVER_ERROR, "flux-audit answered another request"),
            Ok(Err(_panicked)) => denied(StatusCode::INTERNAL_SERVER_ERROR, "flux-audit failed"),
            Err(_late) => denied(StatusCode::GATEWAY_TIMEOUT, "flux-audit did not decide in time"),
        }
    }

    /// Room for the body, by the length it claims, or else for the largest.
    fn room_for(&self, request: &Request) -> Result<OwnedSemaphorePermit, Refusal> {
        let claimed = request.headers().get(header::CONTENT_LENGTH);
        let claimed = claimed.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
        let length = claimed.unwrap_or(self.limits.body);
        if length > self.limits.body {
            return Err(TOO_LARGE);
        }
        let count = u32::try_from(units(length)).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(count);
        room.map_err(|_| Refusal(StatusCode::TOO_MANY_REQUESTS, "too many requests are under way"))
    }

    async fn read(&self, body: Body) -> Result<Bytes, Refusal> {
        match Limited::new(body, self.limits.body).collect().await {
            Ok(body) => Ok(body.to_bytes()),
            Err(error) if error.is::<LengthLimitError>() => Err(TOO_LARGE),
            Err(_) => Err(Refusal(StatusCode::BAD_REQUEST, "the body did not come whole")),
        }
    }

    fn answered(&self, answer: AdmissionReview, start: Instant) -> Response {
        let answer = answer::fit(answer);
        let response = &answer.response;
        let code = response.status.as_ref().map_or(200, |status| status.code);
        let decision = if response.allowed { "allowed" } else { "denied" };
        self.metrics.reviewed(decision, code, start.elapsed());
        let controls = response.audit_annotations.get("denied-by");
        if let Some(controls) = controls {
            self.metrics.denied_by(controls);
        }
        if !response.allowed {
            let controls = controls.map_or("no control", String::as_str);
            let took = start.elapsed().as_secs_f64() * 1000.0;
            crate::log::line(&format!(
                "denied {:?} with {code} by {controls} in {took:.1} ms",
                cut(&response.uid)
            ));
        }
        ([(header::CONTENT_TYPE, "application/json")], answer.to_json()).into_response()
    }

    fn refused(&self, Refusal(code, why): &Refusal, start: Instant) -> Response {
        self.metrics.reviewed("refused", code.as_u16(), start.elapsed());
        crate::log::line(&format!("refused with {}: {why}", code.as_u16()));
        let mut response = (*code, format!("{why}\n")).into_response();
        let headers = response.headers_mut();
        if matches!(*code, StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE) {
            headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

const TOO_LARGE: Refusal = Refusal(StatusCode::PAYLOAD_TOO_LARGE, "the body is too large");

/// The number of units that so many bytes take; an empty body takes one.
fn units(bytes: usize) -> usize {
    (bytes / UNIT + 1).min(Semaphore::MAX_PERMITS)
}

fn is_json(value: Option<&HeaderValue>) -> bool {
    let value = value.and_then(|value| value.to_str().ok());
    let media = value.map(|value| value.split(';').next().unwrap_or(value).trim());
    media.is_some_and(|media| media.eq_ignore_ascii_case("application/json"))
}

/// A uid has 36 characters; what is longer is not worth a line of the log.
fn cut(uid: &str) -> String {
    uid.chars().take(64).collect()
}
