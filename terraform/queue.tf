# The doorbell between web and batch: one topic, one push subscription, one topic for dead letters.

resource "google_pubsub_topic" "jobs" {
  name = "${var.name}-jobs"

  depends_on = [google_project_service.enabled]
}

resource "google_pubsub_topic" "dead_letters" {
  name = "${var.name}-dead-letters"

  depends_on = [google_project_service.enabled]
}

resource "google_pubsub_subscription" "jobs" {
  name  = "${var.name}-jobs"
  topic = google_pubsub_topic.jobs.id
  # The longest Pub/Sub waits, and the time-out of the push itself. A job stops at 540 s.
  ack_deadline_seconds       = 600
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${local.batch_url}/push"
    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = local.batch_url
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # A busy 429 counts as a delivery too, so a long queue alone can bring healthy messages here: as many
  # attempts as can be had. The handler of dead letters asks Postgres what is true.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 100
  }

  # Never: a quiet month must not take the subscription away.
  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_member.batch_invoker]
}

resource "google_pubsub_subscription" "dead_letters" {
  name                       = "${var.name}-dead-letters"
  topic                      = google_pubsub_topic.dead_letters.id
  ack_deadline_seconds       = 60
  message_retention_duration = "604800s"

  push_config {
    push_endpoint = "${local.sweep_url}/dead-letters"
    oidc_token {
      service_account_email = google_service_account.push.email
      audience              = local.sweep_url
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  expiration_policy {
    ttl = ""
  }

  depends_on = [google_cloud_run_v2_service_iam_member.sweep_invokers]
}

# A copy for people: docs/operations.md shows how to read it.
resource "google_pubsub_subscription" "dead_letters_kept" {
  name                       = "${var.name}-dead-letters-kept"
  topic                      = google_pubsub_topic.dead_letters.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

# The identity that pushes carry; batch accepts nobody else.
resource "google_service_account" "push" {
  account_id   = "${var.name}-push"
  display_name = "Cutroom: what Pub/Sub shows batch"
}

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# Without the next two, dead-lettering fails and nothing says so.
resource "google_pubsub_topic_iam_member" "agent_publishes_dead_letters" {
  topic  = google_pubsub_topic.dead_letters.id
  role   = "roles/pubsub.publisher"
  member = local.pubsub_agent
}

resource "google_pubsub_subscription_iam_member" "agent_acknowledges_jobs" {
  subscription = google_pubsub_subscription.jobs.id
  role         = "roles/pubsub.subscriber"
  member       = local.pubsub_agent
}

# In projects older than April 2021 the agent may not make tokens by itself.
resource "google_service_account_iam_member" "agent_makes_push_tokens" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent

  depends_on = [google_pubsub_topic.jobs]
}

# Web rings after a task is made; batch rings from the sweep.
resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = {
    batch = google_service_account.batch.member
    web   = google_service_account.web.member
  }

  topic  = google_pubsub_topic.jobs.id
  role   = "roles/pubsub.publisher"
  member = each.value
}
