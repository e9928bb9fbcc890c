//! Evaluates the authorizer's policy as API Gateway does.

use authorizer::INVOKE;
use lambda_http::aws_lambda_events::apigw::ApiGatewayCustomAuthorizerPolicy;
use lambda_http::aws_lambda_events::iam::IamPolicyEffect;

/// Whether `policy` allows invoking the method with this ARN. A statement that denies takes precedence.
#[must_use]
pub fn may_invoke(policy: &ApiGatewayCustomAuthorizerPolicy, method_arn: &str) -> bool {
    let mut applying = policy.statement.iter().filter(|statement| {
        statement.action.iter().any(|action| matches(action, INVOKE))
            && statement.resource.iter().any(|resource| matches(resource, method_arn))
    });
    let allowed = applying.clone().any(|statement| statement.effect == IamPolicyEffect::Allow);
    allowed && applying.all(|statement| statement.effect == IamPolicyEffect::Allow)
}

/// Whether `text` matches `pattern`. `*` matches any number of characters, including `/`, and `?` matches one
/// character.
#[must_use]
pub fn matches(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut at, mut read) = (0, 0);
    // The last `*`, and the end of the text that it matches so far. Only the last `*` may have to match more.
    let mut star = None;
    while read < text.len() {
        match (pattern.get(at), star) {
            (Some('*'), _) => {
                star = Some((at, read));
                at += 1;
            }
            (Some(c), _) if *c == '?' || *c == text[read] => {
                at += 1;
                read += 1;
            }
            (_, Some((place, end))) => {
                star = Some((place, end + 1));
                (at, read) = (place + 1, end + 1);
            }
            (_, None) => return false,
        }
    }
    pattern[at..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_matches_any_text_and_a_question_mark_one_character() {
        for (pattern, text) in [("", ""), ("*", ""), ("a*", "a"), ("a*c", "ab/bc"), ("a?c", "a/c"), ("*b*d", "abcbd")] {
            assert!(matches(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("", "a"), ("?", ""), ("a*c", "ab"), ("a?c", "ac"), ("*b", "bc"), ("a", "A")] {
            assert!(!matches(pattern, text), "{pattern} {text}");
        }
    }
}
