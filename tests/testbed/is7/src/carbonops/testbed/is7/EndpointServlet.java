package carbonops.testbed.is7;

import java.io.IOException;

import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.wso2.carbon.context.PrivilegedCarbonContext;

/** Hands requests to the endpoints of the tenant whose path was asked, and turns what they throw into answers. */
final class EndpointServlet extends HttpServlet {
    private static final Log LOG = LogFactory.getLog(EndpointServlet.class);
    private static final long serialVersionUID = 1L;

    private final transient Server server;

    EndpointServlet(Server server) {
        this.server = server;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        answer(request).write(response);
    }

    private Answer answer(HttpServletRequest request) {
        try {
            return answer(request, server.tenantOf(Request.fullPath(request)));
        } catch (Refusal refusal) {
            return refusal.answer();
        } catch (Exception failure) {
            LOG.error("Failed to answer " + request.getMethod() + " " + request.getRequestURI(), failure);
            return Answer.error(500, "server_error", "Internal Server Error.");
        }
    }

    private Answer answer(HttpServletRequest request, Tenant tenant) throws Exception {
        PrivilegedCarbonContext.startTenantFlow();
        try {
            PrivilegedCarbonContext context = PrivilegedCarbonContext.getThreadLocalCarbonContext();
            context.setTenantId(tenant.id());
            context.setTenantDomain(tenant.domain());
            return server.of(tenant).answer(new Request(request, tenant));
        } finally {
            PrivilegedCarbonContext.endTenantFlow();
        }
    }
}
