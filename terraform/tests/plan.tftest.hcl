# Assertions on plans, with mocked providers: needs no account. The random provider is the real one: mocks make up no
# ephemeral values.

mock_provider "time" {}

mock_provider "google" {
  mock_data "google_project" {
    defaults = { number = "123456789012" }
  }
}

# Account ids derive from names; a mock would invent them.
override_resource {
  target          = google_service_account.batch
  override_during = plan
  values          = { email = "cutroom-batch@clips-prod.iam.gserviceaccount.com", member = "serviceAccount:batch", name = "projects/clips-prod/serviceAccounts/batch" }
}
override_resource {
  target          = google_service_account.migrate
  override_during = plan
  values          = { email = "cutroom-migrate@clips-prod.iam.gserviceaccount.com", member = "serviceAccount:migrate", name = "projects/clips-prod/serviceAccounts/migrate" }
}
override_resource {
  target          = google_service_account.push
  override_during = plan
  values          = { email = "cutroom-push@clips-prod.iam.gserviceaccount.com", member = "serviceAccount:push", name = "projects/clips-prod/serviceAccounts/push" }
}
override_resource {
  target          = google_service_account.scheduler
  override_during = plan
  values          = { email = "cutroom-scheduler@clips-prod.iam.gserviceaccount.com", member = "serviceAccount:scheduler", name = "projects/clips-prod/serviceAccounts/scheduler" }
}
override_resource {
  target          = google_service_account.web
  override_during = plan
  values          = { email = "cutroom-web@clips-prod.iam.gserviceaccount.com", member = "serviceAccount:web", name = "projects/clips-prod/serviceAccounts/web" }
}
override_resource {
  target          = google_sql_database_instance.main
  override_during = plan
  values          = { connection_name = "clips-prod:europe-west1:cutroom-db" }
}
override_resource {
  target          = google_pubsub_topic.dead_letters
  override_during = plan
  values          = { id = "projects/clips-prod/topics/cutroom-dead-letters" }
}

override_resource {
  target          = google_storage_bucket.media
  override_during = plan
  values          = { name = "clips-prod-cutroom" }
}

# Large, so that a test of something else may choose its sizes; the quota has tests of its own.
variables {
  project_id       = "clips-prod"
  quota_cpu        = 1000
  quota_memory_gib = 4000
}

run "pushes_reach_batch_with_an_identity_and_are_never_lost" {
  command = plan

  assert {
    condition     = google_pubsub_subscription.jobs.push_config[0].push_endpoint == "https://cutroom-batch-123456789012.europe-west1.run.app/push"
    error_message = "Jobs must be pushed to batch."
  }
  assert {
    condition     = google_pubsub_subscription.jobs.push_config[0].oidc_token[0].service_account_email == "cutroom-push@clips-prod.iam.gserviceaccount.com"
    error_message = "A push must carry the push identity."
  }
  assert {
    condition     = google_pubsub_subscription.jobs.ack_deadline_seconds == 600
    error_message = "The ack deadline must be the maximum."
  }
  assert {
    condition     = google_pubsub_subscription.jobs.dead_letter_policy[0].dead_letter_topic == "projects/clips-prod/topics/cutroom-dead-letters"
    error_message = "Undeliverable messages must go to the dead letters."
  }
  assert {
    condition = alltrue([for subscription in [
      google_pubsub_subscription.jobs,
      google_pubsub_subscription.dead_letters,
      google_pubsub_subscription.dead_letters_kept,
    ] : subscription.expiration_policy[0].ttl == ""])
    error_message = "No subscription may expire."
  }
  assert {
    condition     = length(google_pubsub_subscription.dead_letters_kept.push_config) == 0
    error_message = "Operators read dead letters by pulling."
  }
  assert {
    condition = (
      google_pubsub_topic_iam_member.agent_publishes_dead_letters.member == "serviceAccount:service-123456789012@gcp-sa-pubsub.iam.gserviceaccount.com"
      && google_pubsub_topic_iam_member.agent_publishes_dead_letters.role == "roles/pubsub.publisher"
      && google_pubsub_subscription_iam_member.agent_acknowledges_jobs.role == "roles/pubsub.subscriber"
    )
    error_message = "Pub/Sub's service agent needs both grants, or dead-lettering fails silently."
  }
}

run "batch_processes_one_job_per_pair_of_cpus" {
  command = plan

  variables {
    batch_cpu         = 8
    batch_memory_gib  = 32
    batch_scratch_gib = 20
  }

  assert {
    condition     = google_cloud_run_v2_service.batch.template[0].max_instance_request_concurrency == 4
    error_message = "8 CPUs must process four jobs."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.batch.template[0].containers[0].env : env.value if env.name == "BATCH_CONCURRENCY"]) == "4"
    error_message = "BATCH_CONCURRENCY must be the same number."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.batch.template[0].containers[0].env : env.value if env.name == "MEDIA_MAX_OUTPUT_BYTES"]) == "2684354560"
    error_message = "The largest output must be half of a job's share of the scratch space."
  }
  assert {
    condition     = google_cloud_run_v2_service.batch.template[0].timeout == "600s"
    error_message = "The request timeout must be the longest that Pub/Sub waits."
  }
}

run "both_services_are_billed_by_instance_and_probed" {
  command = plan

  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch] :
      service.template[0].containers[0].resources[0].cpu_idle == false
      && service.template[0].containers[0].startup_probe[0].http_get[0].path == "/health/ready"
      && service.template[0].containers[0].liveness_probe[0].http_get[0].path == "/health/live"
    ])
    error_message = "Both services must have CPU always allocated and both probes."
  }
}

run "email_is_sent_by_batch_only_and_only_if_configured" {
  command = plan

  variables {
    mail_from = "cutroom@example.com"
  }

  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.batch, google_cloud_run_v2_service.sweep] :
      length([for env in service.template[0].containers[0].env : env if env.name == "SMTP_URL"]) == 1
    ])
    error_message = "Batch and the sweep must have SMTP_URL."
  }
  assert {
    condition     = length([for env in google_cloud_run_v2_service.web.template[0].containers[0].env : env if env.name == "SMTP_URL"]) == 0
    error_message = "Web must not hold the mail server's password."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.web.template[0].containers[0].env : env.value if env.name == "MAIL_FROM"]) == "cutroom@example.com"
    error_message = "Web must have MAIL_FROM."
  }
  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch, google_cloud_run_v2_service.sweep] :
      one([for env in service.template[0].containers[0].env : env.value if env.name == "EMAIL_VERIFICATION"]) == "required"
    ])
    error_message = "With e-mail, addresses must be verified."
  }
}

run "passwords_follow_the_strict_policy" {
  command = plan

  assert {
    condition     = one([for env in google_cloud_run_v2_service.web.template[0].containers[0].env : env.value if env.name == "PASSWORD_POLICY"]) == "strict"
    error_message = "Web must have PASSWORD_POLICY=strict."
  }
}

run "without_email_there_is_no_secret" {
  command = plan

  assert {
    condition     = length(google_secret_manager_secret.smtp) == 0 && length([for env in google_cloud_run_v2_service.batch.template[0].containers[0].env : env if env.name == "SMTP_URL"]) == 0
    error_message = "Without e-mail there must be no secret and no SMTP_URL."
  }
}

run "headers_are_encrypted_by_web_and_decrypted_by_batch_with_the_same_key" {
  command = plan

  assert {
    condition = alltrue([for service in [
      google_cloud_run_v2_service.batch,
      google_cloud_run_v2_service.sweep,
      google_cloud_run_v2_service.web,
    ] : one([for env in service.template[0].containers[0].env : env.value_source[0].secret_key_ref[0].secret if env.name == "SECRETS_KEY"]) == "cutroom-headers"])
    error_message = "Web and both services of batch must have the key."
  }
  assert {
    condition     = toset(keys(google_secret_manager_secret_iam_member.headers)) == toset(["batch", "web"])
    error_message = "Web and batch must be able to read the key."
  }
}

run "only_web_is_public" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.batch.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    error_message = "Batch must not be reachable from outside."
  }
  assert {
    condition     = google_cloud_run_v2_service_iam_member.batch_invoker.member == "serviceAccount:push" && google_cloud_run_v2_service_iam_member.web_calls_batch.member == "serviceAccount:web"
    error_message = "Only Pub/Sub's and web's identities may call batch."
  }
  assert {
    condition     = google_cloud_run_v2_service.sweep.ingress == "INGRESS_TRAFFIC_INTERNAL_ONLY"
    error_message = "The sweep must not be reachable from outside."
  }
  assert {
    condition     = toset([for grant in google_cloud_run_v2_service_iam_member.sweep_invokers : grant.member]) == toset(["serviceAccount:push", "serviceAccount:scheduler"])
    error_message = "Only Pub/Sub's and Cloud Scheduler's identities may call the sweep."
  }
  assert {
    condition     = google_storage_bucket.media.public_access_prevention == "enforced" && google_storage_bucket.media.uniform_bucket_level_access
    error_message = "The bucket must be private."
  }
  assert {
    condition     = google_sql_database_instance.main.settings[0].ip_configuration[0].ipv4_enabled == false
    error_message = "The database must have no public IP address."
  }
}

run "web_may_call_batch_for_dry_runs" {
  command = plan

  assert {
    condition     = one([for env in google_cloud_run_v2_service.web.template[0].containers[0].env : env.value if env.name == "BATCH_URL"]) == "https://cutroom-batch-123456789012.europe-west1.run.app"
    error_message = "Web must have batch's URL."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.web.template[0].containers[0].env : env.value if env.name == "PUSH_AUDIENCE"]) == google_cloud_run_v2_service.batch.custom_audiences[0]
    error_message = "The audience of web's tokens must be batch."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.batch.template[0].containers[0].env : env.value if env.name == "DRY_RUN_SERVICE_ACCOUNTS"]) == "cutroom-web@clips-prod.iam.gserviceaccount.com"
    error_message = "Web may ask batch for dry runs."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.batch.template[0].containers[0].env : env.value if env.name == "PUSH_SERVICE_ACCOUNTS"]) == "cutroom-push@clips-prod.iam.gserviceaccount.com"
    error_message = "Only Pub/Sub's identity may push jobs to batch."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.sweep.template[0].containers[0].env : env.value if env.name == "SWEEP_SERVICE_ACCOUNTS"]) == "cutroom-scheduler@clips-prod.iam.gserviceaccount.com"
    error_message = "Only Cloud Scheduler's identity may start sweeps."
  }
  assert {
    condition     = google_cloud_run_v2_service.web.template[0].vpc_access[0].egress == "ALL_TRAFFIC" && google_compute_subnetwork.run[0].private_ip_google_access
    error_message = "Web's calls must come from the VPC network, or batch rejects them."
  }
}

run "nothing_keeps_instances_running_when_none_is_kept_warm" {
  command = plan

  assert {
    condition     = length(google_monitoring_uptime_check_config.web) == 0
    error_message = "An uptime check would keep an instance of web running."
  }
  assert {
    condition     = google_cloud_scheduler_job.sweep.http_target[0].uri == "https://cutroom-sweep-123456789012.europe-west1.run.app/sweep"
    error_message = "Cloud Scheduler must call the sweep, not keep batch's large instances running."
  }
  assert {
    condition     = google_cloud_run_v2_service.sweep.template[0].containers[0].resources[0].cpu_idle
    error_message = "The sweep must be billed by request."
  }
}

run "a_warm_web_has_an_uptime_check" {
  command = plan

  variables {
    web_min_instances = 1
  }

  assert {
    condition     = length(google_monitoring_uptime_check_config.web) == 1
    error_message = "There must be an uptime check."
  }
}

run "without_a_recipient_there_are_no_alerts" {
  command = plan

  variables {
    web_min_instances = 1
  }

  assert {
    condition     = length(google_monitoring_alert_policy.this) + length(google_monitoring_alert_policy.unreachable) + length(google_monitoring_alert_policy.burning) == 0
    error_message = "Alerts without a recipient only cost money."
  }
}

run "a_recipient_gets_every_alert" {
  command = plan

  variables {
    alert_email       = "oncall@example.com"
    web_min_instances = 1
  }

  assert {
    condition     = length(google_monitoring_alert_policy.this) == length(local.alerts) && length(google_monitoring_alert_policy.unreachable) == 1 && length(google_monitoring_alert_policy.burning) == length(local.objectives)
    error_message = "Each entry of local.alerts must be an alert, plus the one for the uptime check."
  }
}

run "times_of_tasks_have_objectives" {
  command = plan

  variables {
    alert_email = "oncall@example.com"
  }

  assert {
    condition = { for name, objective in google_monitoring_slo.objective :
      name => objective.request_based_sli[0].distribution_cut[0].range[0].max if length(objective.request_based_sli[0].distribution_cut) == 1
    } == { pace-burning = 120, wait-burning = 60 }
    error_message = "Tasks must start within a minute, and take at most two for each of their outputs."
  }
  assert {
    condition     = google_logging_metric.task_times["wait"].value_extractor == "EXTRACT(jsonPayload.taskWaitSeconds)" && google_logging_metric.task_times["pace"].value_extractor == "EXTRACT(jsonPayload.secondsPerMediaMinute)"
    error_message = "The times are those that batch logs."
  }
}

run "web_can_be_private" {
  command = plan

  variables {
    web_min_instances = 1
    web_public        = false
  }

  assert {
    condition     = google_cloud_run_v2_service.web.invoker_iam_disabled == false && length(google_monitoring_uptime_check_config.web) == 0
    error_message = "A private web must ask for an identity and have no uptime check."
  }
}

run "every_database_login_uses_iam" {
  command = plan

  assert {
    condition     = google_sql_user.iam["web"].name == "cutroom-web@clips-prod.iam" && alltrue([for user in google_sql_user.iam : user.type == "CLOUD_IAM_SERVICE_ACCOUNT"])
    error_message = "Users must be service accounts, named without the e-mail suffix."
  }
  assert {
    condition     = { for name, user in google_sql_user.iam : name => user.database_roles if user.database_roles != null } == { migrate = tolist(["cloudsqlsuperuser"]) }
    error_message = "The migration user, and no other, must be able to create tables in a new database."
  }
  assert {
    condition     = google_sql_database_instance.main.settings[0].backup_configuration[0].point_in_time_recovery_enabled
    error_message = "Point-in-time recovery must be enabled."
  }
}

run "a_custom_domain_is_used_for_links_and_cors" {
  command = plan

  variables {
    public_url   = "https://clips.example.com"
    cors_origins = ["https://studio.example.com"]
  }

  assert {
    condition     = google_storage_bucket.media.cors[0].origin == tolist(["https://clips.example.com", "https://studio.example.com"])
    error_message = "Both origins must be allowed to upload."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_service.web.template[0].containers[0].env : env.value if env.name == "PUBLIC_URL"]) == "https://clips.example.com"
    error_message = "PUBLIC_URL must be the custom domain."
  }
}

run "alerts_channel_and_budget_exist_when_configured" {
  command = plan

  variables {
    alert_email     = "oncall@example.com"
    billing_account = "012345-6789AB-CDEF01"
    budget_units    = 50
  }

  assert {
    condition     = length(google_billing_budget.monthly) == 1 && google_billing_budget.monthly[0].amount[0].specified_amount[0].units == "50"
    error_message = "There must be a budget."
  }
  assert {
    condition     = length(google_monitoring_notification_channel.email) == 1
    error_message = "There must be a notification channel."
  }
}

run "more_connections_than_available_are_rejected" {
  command = plan

  variables {
    batch_max_instances = 20
  }

  expect_failures = [var.database_max_connections]
}

run "scratch_space_that_leaves_ffmpeg_no_memory_is_rejected" {
  command = plan

  variables {
    batch_scratch_gib = 14
  }

  expect_failures = [var.batch_scratch_gib]
}

run "a_budget_without_a_billing_account_is_rejected" {
  command = plan

  variables {
    budget_units = 50
  }

  expect_failures = [var.billing_account]
}

run "the_bucket_deletes_later_than_the_sweep" {
  command = plan

  variables {
    output_retention_days = 3
    upload_retention_days = 1
  }

  assert {
    condition = { for rule in google_storage_bucket.media.lifecycle_rule :
      one(one(rule.condition).matches_prefix) => one(rule.condition).age if one(rule.action).type == "Delete"
    } == { "tasks/" = 10, "uploads/" = 8 }
    error_message = "Both prefixes must have a rule, a week after the sweep's."
  }
}

run "the_defaults_fit_into_a_new_project" {
  command = plan

  variables {
    quota_cpu        = 20
    quota_memory_gib = 40
  }

  assert {
    condition     = local.run_cpu <= 20 && local.run_memory_gib <= 40
    error_message = "A new project has 20 vCPUs and 40 GiB."
  }
}

run "more_cpus_than_the_quota_are_rejected" {
  command = plan

  variables {
    batch_max_instances = 6
    quota_cpu           = 20
  }

  expect_failures = [var.quota_cpu]
}

run "more_memory_than_the_quota_is_rejected" {
  command = plan

  variables {
    batch_max_instances = 4
    quota_memory_gib    = 40
  }

  expect_failures = [var.quota_memory_gib]
}

run "anyone_may_call_web_without_a_grant_to_all_users" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.web.invoker_iam_disabled
    error_message = "Organisations with domain restricted sharing refuse a grant to allUsers."
  }
  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.batch, google_cloud_run_v2_service.sweep] :
      coalesce(service.invoker_iam_disabled, false) == false
    ])
    error_message = "Batch and the sweep must ask for an identity."
  }
}

run "services_wait_four_minutes_for_their_first_connection" {
  command = plan

  assert {
    condition = alltrue([for probe in [for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch, google_cloud_run_v2_service.sweep] :
      service.template[0].containers[0].startup_probe[0]
    ] : probe.period_seconds * probe.failure_threshold == 240])
    error_message = "Startup probes must last 240 s."
  }
  assert {
    condition     = google_cloud_run_v2_job.migrate.template[0].template[0].timeout == "600s"
    error_message = "The migration must have time for the same, and for its work."
  }
}

run "instances_are_limited_and_kept_warm_for_the_service_as_a_whole" {
  command = plan

  variables {
    batch_min_instances = 1
    web_min_instances   = 2
  }

  assert {
    condition = [for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch, google_cloud_run_v2_service.sweep] :
      [service.scaling[0].min_instance_count, service.scaling[0].max_instance_count]
    ] == [[2, 3], [1, 3], [0, 1]]
    error_message = "A service without a scaling block of its own has a change in every plan."
  }
}

run "identities_reach_this_database_and_these_objects_only" {
  command = plan

  assert {
    condition = alltrue([for grant in concat(values(google_project_iam_member.cloudsql_client), values(google_project_iam_member.cloudsql_login)) :
      grant.condition[0].expression == "resource.service == \"sqladmin.googleapis.com\" && resource.name == \"projects/clips-prod/instances/cutroom-db\""
    ])
    error_message = "Grants on the project must be limited to the instance."
  }
  assert {
    condition = alltrue([for grant in google_storage_bucket_iam_member.media :
      grant.condition[0].expression == "resource.type == \"storage.googleapis.com/Bucket\" || resource.name.startsWith(\"projects/_/buckets/clips-prod-cutroom/objects/tasks/\") || resource.name.startsWith(\"projects/_/buckets/clips-prod-cutroom/objects/uploads/\")"
    ])
    error_message = "Grants on the bucket must be limited to the prefixes of tasks and uploads."
  }
  assert {
    condition     = google_sql_database_instance.main.settings[0].connector_enforcement == "REQUIRED"
    error_message = "The database must accept connectors only."
  }
}

run "secrets_get_values_that_are_not_kept" {
  command = plan

  assert {
    condition     = length(google_secret_manager_secret_version.jwt) == 1 && length(google_secret_manager_secret_version.headers) == 1
    error_message = "Both secrets must have a value, or the services do not start."
  }
  assert {
    condition     = google_secret_manager_secret_version.jwt[0].secret_data == null && google_secret_manager_secret_version.headers[0].secret_data == null
    error_message = "Values must not be in the state."
  }
}

run "secrets_that_were_added_by_hand_stay" {
  command = plan

  variables {
    generate_secrets = false
  }

  assert {
    condition     = length(google_secret_manager_secret_version.jwt) + length(google_secret_manager_secret_version.headers) == 0
    error_message = "A new version would replace the key in use."
  }
}

run "a_worker_pool_replaces_pushes" {
  command = plan

  variables {
    worker_pool_instances = 2
  }

  assert {
    condition     = length(google_pubsub_subscription.jobs.push_config) == 0
    error_message = "What is pushed would be limited to 8 minutes."
  }
  assert {
    condition     = google_cloud_run_v2_worker_pool.worker[0].scaling[0].manual_instance_count == 2
    error_message = "The pool must have the instances that were asked for."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "WORKER_MODE"]) == "pull"
    error_message = "Workers of the pool must claim jobs by themselves."
  }
  assert {
    condition     = one([for env in google_cloud_run_v2_worker_pool.worker[0].template[0].containers[0].env : env.value if env.name == "MEMORY_LIMIT_BYTES"]) == "12884901888"
    error_message = "The pool must have the sizes of batch."
  }
  assert {
    condition     = strcontains(google_logging_metric.job_outcomes.filter, "cloud_run_worker_pool")
    error_message = "Jobs must be counted where they run."
  }
}

run "a_worker_pool_has_the_time_for_all_jobs" {
  command = plan

  variables {
    long_job_executions   = 1
    worker_pool_instances = 1
  }

  expect_failures = [var.long_job_executions]
}

run "jobs_that_are_too_long_for_a_push_have_a_job_that_the_sweep_runs" {
  command = plan

  variables {
    long_job_executions = 2
  }

  assert {
    condition     = { for env in google_cloud_run_v2_job.long_jobs[0].template[0].template[0].containers[0].env : env.name => env.value if contains(["WORKER_MODE", "MEMORY_LIMIT_BYTES"], env.name) } == { WORKER_MODE = "job", MEMORY_LIMIT_BYTES = "12884901888" }
    error_message = "It must end with its work, and have the sizes of batch."
  }
  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.batch, google_cloud_run_v2_service.sweep] :
      one([for env in service.template[0].containers[0].env : env.value if env.name == "LONG_JOBS"]) == "projects/clips-prod/locations/europe-west1/jobs/cutroom-long-jobs"
    ])
    error_message = "Batch must hand long jobs over, and both must know what to run for them."
  }
  assert {
    condition     = google_cloud_run_v2_job_iam_member.batch_runs_long_jobs[0].role == "roles/run.invoker" && google_cloud_run_v2_job_iam_member.batch_runs_long_jobs[0].member == "serviceAccount:batch"
    error_message = "The sweep must be able to run it."
  }
  assert {
    condition     = google_cloud_run_v2_job.long_jobs[0].template[0].template[0].timeout == "86400s" && 2 * local.long_attempt_seconds < local.long_execution_seconds
    error_message = "An attempt that begins last must have its time before Cloud Run ends the execution."
  }
  assert {
    condition     = local.run_cpu == 3 * 1 + (3 + 2) * 4 + 1
    error_message = "Its executions count towards the quota."
  }
}

run "without_it_jobs_that_are_too_long_for_a_push_are_refused" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_job.long_jobs) + length(google_cloud_run_v2_job_iam_member.batch_runs_long_jobs) == 0 && length([for env in google_cloud_run_v2_service.batch.template[0].containers[0].env : env if env.name == "LONG_JOBS"]) == 0
    error_message = "Nobody would work on what is handed over."
  }
}

run "without_a_worker_pool_there_is_none" {
  command = plan

  assert {
    condition     = length(google_cloud_run_v2_worker_pool.worker) + length(google_cloud_run_v2_worker_pool_iam_member.build_deploys) == 0
    error_message = "A pool is billed at all times."
  }
}

run "scratch_space_on_a_disk_leaves_the_memory_to_jobs" {
  command = plan

  variables {
    batch_memory_gib     = 8
    batch_scratch_gib    = 10
    batch_scratch_medium = "DISK"
  }

  assert {
    condition     = google_cloud_run_v2_service.batch.template[0].volumes[0].empty_dir[0].medium == "DISK" && google_cloud_run_v2_service.batch.launch_stage == "BETA"
    error_message = "The volume must be a disk, which is a feature in preview."
  }
}

run "an_existing_network_is_used" {
  command = plan

  variables {
    network    = "projects/shared/global/networks/main"
    subnetwork = "projects/shared/regions/europe-west1/subnetworks/run"
  }

  assert {
    condition     = length(google_compute_network.main) + length(google_compute_subnetwork.run) + length(google_service_networking_connection.services) == 0
    error_message = "Nothing of the network must be created."
  }
  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch, google_cloud_run_v2_service.sweep] :
      service.template[0].vpc_access[0].network_interfaces[0].subnetwork == "projects/shared/regions/europe-west1/subnetworks/run"
    ])
    error_message = "Services must be in the given subnetwork."
  }
}

run "half_a_network_is_rejected" {
  command = plan

  variables {
    network = "projects/shared/global/networks/main"
  }

  expect_failures = [var.subnetwork]
}

run "only_the_named_repository_may_deploy" {
  command = plan

  variables {
    github_repository = "acme/clips"
  }

  assert {
    condition     = google_iam_workload_identity_pool_provider.github[0].attribute_condition == "assertion.repository == \"acme/clips\" && assertion.environment == \"cutroom\""
    error_message = "Without the condition every repository on GitHub could sign in."
  }
}

run "without_a_repository_nobody_signs_in_from_github" {
  command = plan

  assert {
    condition     = length(google_iam_workload_identity_pool.github) + length(google_service_account.github) + length(google_project_iam_member.github) == 0
    error_message = "There must be no pool and no identity."
  }
}

run "traces_are_sent_only_if_asked_for" {
  command = plan

  variables {
    traces = true
  }

  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch] :
      one([for env in service.template[0].containers[0].env : env.value if env.name == "OTEL_EXPORTER_OTLP_ENDPOINT"]) == "https://telemetry.googleapis.com"
    ])
    error_message = "Web and batch must send traces to Cloud Trace."
  }
  assert {
    condition     = toset(keys(google_project_iam_member.traces)) == toset(["batch", "web"])
    error_message = "Both identities must be able to write traces."
  }
}

run "metrics_are_collected_only_if_asked_for" {
  command = plan

  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch] :
      length(service.template[0].containers) == 1
    ])
    error_message = "A second container is billed, too."
  }
  assert {
    condition     = length(google_project_iam_member.metrics) + length(google_secret_manager_secret.collector) == 0
    error_message = "Nobody must be able to write metrics."
  }
}

run "metrics_are_collected_from_a_port_that_is_not_served" {
  command = plan

  variables {
    metrics          = true
    quota_cpu        = 22
    quota_memory_gib = 42
  }

  assert {
    condition = [for service, name in { web = "METRICS_PORT", batch = "BATCH_METRICS_PORT" } :
      one([for env in { web = google_cloud_run_v2_service.web, batch = google_cloud_run_v2_service.batch }[service].template[0].containers[0].env : env.value if env.name == name])
    ] == ["9464", "9464"]
    error_message = "Both must serve their metrics on the port that the collector reads."
  }
  assert {
    condition = alltrue([for service in [google_cloud_run_v2_service.web, google_cloud_run_v2_service.batch] :
      service.template[0].containers[0].ports[0].container_port == 8080 && length(service.template[0].containers[1].ports) == 0
    ])
    error_message = "Cloud Run must send requests to the service's own port alone."
  }
  assert {
    condition     = yamldecode(google_secret_manager_secret_version.collector["batch"].secret_data).metadata.name == "batch" && yamldecode(google_secret_manager_secret_version.collector["web"].secret_data).spec.endpoints[0].port == "9464"
    error_message = "The label job must be as in deploy/prometheus.yml."
  }
  assert {
    condition     = toset([for grant in google_project_iam_member.metrics : grant.role]) == toset(["roles/monitoring.metricWriter"]) && length(google_project_iam_member.metrics) == 2
    error_message = "Web and batch must be able to write metrics."
  }
}

run "collectors_count_towards_the_quota" {
  command = plan

  variables {
    metrics          = true
    quota_cpu        = 20
    quota_memory_gib = 50
  }

  expect_failures = [var.quota_cpu]
}

run "batch_can_be_billed_by_request" {
  command = plan

  variables {
    batch_billing = "request"
  }

  assert {
    condition     = google_cloud_run_v2_service.batch.template[0].containers[0].resources[0].cpu_idle
    error_message = "Batch must be billed by request."
  }
  assert {
    condition     = google_cloud_run_v2_service.web.template[0].containers[0].resources[0].cpu_idle == false
    error_message = "Web must not: its clients would wait for certificates."
  }
}

run "batch_is_billed_by_instance_unless_asked_otherwise" {
  command = plan

  assert {
    condition     = google_cloud_run_v2_service.batch.template[0].containers[0].resources[0].cpu_idle == false
    error_message = "CPU must always be allocated."
  }
}

run "warm_instances_are_not_billed_by_request" {
  command = plan

  variables {
    batch_billing       = "request"
    batch_min_instances = 1
  }

  expect_failures = [var.batch_billing]
}
