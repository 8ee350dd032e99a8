//! Answers as an API server takes them.

use policy_core::AdmissionReview;

/// The API server cuts warnings that are longer, once they are too long together.
const WARNING: usize = 256;
/// And drops what exceeds this.
const WARNINGS: usize = 4096;
/// Messages travel in the status of a refusal, and in events and logs.
const MESSAGE: usize = 4096;

/// Cuts warnings and message to lengths that reach the user, and says what was left out.
pub(crate) fn fit(mut answer: AdmissionReview) -> AdmissionReview {
    let response = &mut answer.response;
    if let Some(status) = &mut response.status {
        status.message = cut(&status.message, MESSAGE);
    }
    let all = response.warnings.len();
    let mut room = WARNINGS - WARNING;
    let mut kept = Vec::new();
    for warning in &response.warnings {
        let warning = cut(warning, WARNING);
        let Some(rest) = room.checked_sub(warning.chars().count()) else {
            break;
        };
        room = rest;
        kept.push(warning);
    }
    if kept.len() < all {
        kept.push(format!(
            "{} more warnings of flux-audit were left out",
            all - kept.len()
        ));
    }
    response.warnings = kept;
    answer
}

/// At most so many characters, on one line: a line break would end a header.
fn cut(text: &str, most: usize) -> String {
    let mut text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if text.chars().count() > most {
        text = text.chars().take(most - 1).chain(['…']).collect();
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;

    fn fitted(message: &str, warnings: Vec<String>) -> policy_core::AdmissionResponse {
        let mut answer = AdmissionReview::denied("1", 403, message);
        answer.response.warnings = warnings;
        fit(answer).response
    }

    #[test]
    fn short_texts_stay() {
        let response = fitted("no", vec!["careful".into()]);
        assert_eq!(response.status.unwrap().message, "no");
        assert_eq!(response.warnings, ["careful"]);
    }

    #[test]
    fn long_texts_are_cut_between_characters() {
        let response = fitted(&"ö".repeat(5000), vec!["ö".repeat(257), "ö".repeat(256)]);
        assert_eq!(response.status.unwrap().message.chars().count(), MESSAGE);
        assert_eq!(response.warnings[0], format!("{}…", "ö".repeat(255)));
        assert_eq!(response.warnings[1], "ö".repeat(256));
    }

    #[test]
    fn many_warnings_are_counted() {
        let response = fitted("no", vec!["w".repeat(300); 20]);
        assert_eq!(response.warnings.len(), 16);
        assert_eq!(response.warnings[15], "5 more warnings of flux-audit were left out");
        let together: usize = response.warnings.iter().map(|warning| warning.chars().count()).sum();
        assert!(together <= WARNINGS);
    }

    #[test]
    fn nothing_breaks_a_header() {
        let response = fitted("a\r\nb", vec!["a\nb\u{7f}".into()]);
        assert_eq!(response.status.unwrap().message, "a  b");
        assert_eq!(response.warnings, ["a b "]);
    }
}
