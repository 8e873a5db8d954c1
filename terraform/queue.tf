# The queue between web and batch: a topic with a push subscription, and a topic for dead letters.

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
  # The maximum, which is also the timeout of a push. A job stops at 540 s.
  ack_deadline_seconds = 600
  # Workers that claim jobs themselves read no messages.
  message_retention_duration = local.is_pool ? "600s" : "604800s"

  dynamic "push_config" {
    for_each = local.is_pool ? [] : [1]
    content {
      push_endpoint = "${local.batch_url}/push"
      oidc_token {
        service_account_email = google_service_account.push.email
        audience              = local.batch_url
      }
    }
  }

  retry_policy {
    minimum_backoff = "10s"
    maximum_backoff = "600s"
  }

  # A 429 from a busy worker counts as a delivery too, so that a long queue alone can dead-letter healthy messages.
  # Hence the maximum number of attempts; the dead-letter handler checks the job in Postgres.
  dead_letter_policy {
    dead_letter_topic     = google_pubsub_topic.dead_letters.id
    max_delivery_attempts = 100
  }

  # Never expires: a month without messages must not delete the subscription.
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

# A copy for operators: docs/operations.md shows how to read it.
resource "google_pubsub_subscription" "dead_letters_kept" {
  name                       = "${var.name}-dead-letters-kept"
  topic                      = google_pubsub_topic.dead_letters.id
  ack_deadline_seconds       = 60
  message_retention_duration = "2678400s"

  expiration_policy {
    ttl = ""
  }
}

# The identity of all pushes.
resource "google_service_account" "push" {
  account_id   = "${var.name}-push"
  display_name = "Cutroom: Pub/Sub pushes"
}

locals {
  pubsub_agent = "serviceAccount:service-${data.google_project.this.number}@gcp-sa-pubsub.iam.gserviceaccount.com"
}

# Without the next two grants, dead-lettering fails silently.
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

# Needed in projects created before April 2021.
resource "google_service_account_iam_member" "agent_creates_push_tokens" {
  service_account_id = google_service_account.push.name
  role               = "roles/iam.serviceAccountTokenCreator"
  member             = local.pubsub_agent

  depends_on = [google_pubsub_topic.jobs]
}

# Web publishes new jobs; batch republishes from the sweep.
resource "google_pubsub_topic_iam_member" "publishers" {
  for_each = {
    batch = google_service_account.batch.member
    web   = google_service_account.web.member
  }

  topic  = google_pubsub_topic.jobs.id
  role   = "roles/pubsub.publisher"
  member = each.value
}
