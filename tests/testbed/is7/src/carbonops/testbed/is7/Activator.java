package carbonops.testbed.is7;

import java.util.function.Consumer;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.http.HttpService;
import org.osgi.util.tracker.ServiceTracker;
import org.wso2.carbon.user.core.service.RealmService;
import org.wso2.carbon.utils.ConfigurationContextService;

/** Puts the endpoints on the kernel's HTTP service as soon as the kernel offers everything they use. */
public final class Activator implements BundleActivator {
    private static final Log LOG = LogFactory.getLog(Activator.class);

    private HttpService http;
    private RealmService realms;
    private ConfigurationContextService transports;
    private boolean started;

    @Override
    public void start(BundleContext context) {
        await(context, HttpService.class, service -> http = service);
        await(context, RealmService.class, service -> realms = service);
        await(context, ConfigurationContextService.class, service -> transports = service);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework releases the services of a stopped bundle.
    }

    private <T> void await(BundleContext context, Class<T> type, Consumer<T> keep) {
        new ServiceTracker<T, T>(context, type, null) {
            @Override
            public T addingService(ServiceReference<T> reference) {
                T service = super.addingService(reference);
                synchronized (Activator.this) {
                    keep.accept(service);
                    startWhenComplete();
                }
                return service;
            }
        }.open();
    }

    private void startWhenComplete() {
        if (started || http == null || realms == null || transports == null) {
            return;
        }
        started = true;
        try {
            Server server = new Server(new Tenants(realms), new ServerAddress(transports, Tenant.SUPER));
            for (String alias : Endpoints.ALIASES) {
                http.registerServlet(alias, new EndpointServlet(server), null, null);
            }
            LOG.info("The test bed's Identity Server endpoints are registered");
        } catch (Exception failure) {
            LOG.error("The test bed's Identity Server endpoints did not start", failure);
        }
    }
}
